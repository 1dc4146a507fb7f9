/** Entities that an XML document declares in the internal subset of its DOCTYPE, expanded within bounds. */
import { UserError } from '@espalier/runtime'
import sax from 'sax'

/** An entity that grows beyond this is an attack ("billion laughs") and not a name or a sign. */
const LONGEST_ENTITY = 1 << 16
const DEEPEST_ENTITY = 16
/** Stands for an empty replacement, which sax takes for a missing one; XML has no such character. */
export const EMPTY = '\0'

const XML_ENTITIES = { amp: '&', apos: "'", gt: '>', lt: '<', quot: '"' }
const COMMENT = /<!--.*?-->/gsu
/** A general entity with a replacement, or one that stands in another file. */
const DECLARATION = /<!ENTITY\s+([^\s%"']+)\s+(?:"([^"]*)"|'([^']*)'|(?:SYSTEM|PUBLIC)\s[^>]*)\s*>/gu
const REFERENCE = /&(?:#x([\da-f]+)|#(\d+)|([^\s;&]+));/giu

/**
 * The entities of a document by name, each as the text that it stands for, those of XML itself included. Where the
 * replacement has markup, its text counts.
 * @param doctype what stands in the DOCTYPE declaration
 * @throws UserError `malformed-xml` where an entity grows without bound or refers to itself
 */
export function declaredEntities(doctype: string): Record<string, string> {
  // Without a prototype: `&constructor;` is no entity.
  const entities: Record<string, string> = Object.assign(Object.create(null), XML_ENTITIES)
  const raw = new Map<string, string>()
  for (const [, name, double, single] of doctype.replace(COMMENT, '').matchAll(DECLARATION)) {
    const value = double ?? single
    // The first declaration of a name counts (XML 1.0, section 4.2); what stands in other files is not read.
    if (value !== undefined && !raw.has(name) && !(name in entities)) raw.set(name, value)
  }
  const expander = new Expander(raw)
  for (const name of raw.keys()) entities[name] = textOf(name, expander.expand(name)) || EMPTY
  return entities
}

/** Replacements with the references in them replaced, each worked out once. */
class Expander {
  readonly #expanded = new Map<string, string>()

  constructor(readonly raw: ReadonlyMap<string, string>) {}

  expand(name: string, depth = 0): string {
    const known = this.#expanded.get(name)
    if (known !== undefined) return known
    if (depth > DEEPEST_ENTITY)
      throw refused(name, `it refers to others more than ${DEEPEST_ENTITY} deep, or to itself`)
    let [text, end] = ['', 0]
    // Only names of `raw` are asked for.
    const value = this.raw.get(name)!
    for (const match of value.matchAll(REFERENCE)) {
      text += value.slice(end, match.index) + this.#replace(match, depth)
      end = match.index + match[0].length
      if (text.length > LONGEST_ENTITY) throw refused(name, `it stands for more than ${LONGEST_ENTITY} characters`)
    }
    text += value.slice(end)
    this.#expanded.set(name, text)
    return text
  }

  #replace([reference, hex, decimal, inner]: RegExpExecArray, depth: number): string {
    if (inner !== undefined) return this.raw.has(inner) ? this.expand(inner, depth + 1) : reference
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : reference
  }
}

/** The text of a replacement: without its tags, and with the references to XML's own entities resolved. */
function textOf(name: string, value: string): string {
  if (!/[<&]/u.test(value)) return value
  const parser = sax.parser(true)
  let text = ''
  parser.ontext = parser.oncdata = part => {
    text += part
  }
  parser.onerror = ({ message }) => {
    throw new UserError('malformed-xml', `entity ${name}: ${message.split('\n')[0]}`)
  }
  parser.write(`<entity>${value}</entity>`).close()
  return text
}

const refused = (name: string, why: string) => new UserError('malformed-xml', `entity ${name} is refused: ${why}`)
