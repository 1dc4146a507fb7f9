/** TMX 1.4, the exchange format of translation memories, parsed as a stream. */
import { matchLanguage, UserError } from '@espalier/runtime'
import sax from 'sax'
import { sourceName } from '../bytes.ts'
import type { SentencePair } from '../sentence-pair.ts'
import { declaredEntities, EMPTY } from './xml-entities.ts'
import { xmlText } from './xml-text.ts'

/** Elements inside a segment whose text is code of the original format, not language (TMX 1.4b, section 3). */
const INLINE_CODE = new Set(['bpt', 'ept', 'ph', 'it', 'ut'])

/** What a comment, an attribute or a segment may have at most: sax holds each in memory. */
const LONGEST_PART = 1 << 24
// The limit is sax's own for all parsers; its default of 64 KiB refuses comments that translation tools write.
Object.assign(sax, { MAX_BUFFER_LENGTH: LONGEST_PART })

/** XML's white space (line breaks of the file, indentation) as single spaces; no-break spaces are text. */
const tidy = (text: string) =>
  text
    .replaceAll(EMPTY, '')
    .replace(/[ \t\r\n]+/gu, ' ')
    .replace(/^ | $/gu, '')

/** Collects units from parser events. */
class UnitCollector {
  readonly ready: SentencePair[] = []
  readonly languages = new Set<string>()
  found = 0
  /** What {@link matchLanguage} answered for the codes of a unit. */
  readonly #matches = new Map<string, readonly (string | undefined)[]>()
  #unit = new Map<string, string>()
  #line = 0
  #language = ''
  #segment: string | undefined
  /** How many elements of code are open around the text. */
  #code = 0

  constructor(
    readonly source: string,
    readonly target: string,
  ) {}

  open(name: string, attributes: Record<string, string>, line: number): void {
    if (name === 'tu') {
      this.#unit = new Map()
      this.#line = line
    } else if (name === 'tuv') {
      this.#language = attributes['xml:lang'] ?? attributes.lang ?? ''
      this.languages.add(this.#language)
    } else if (name === 'seg') this.#segment = ''
    else if (this.#segment !== undefined && INLINE_CODE.has(name)) this.#code++
  }
  text(text: string): void {
    if (this.#segment === undefined || this.#code > 0) return
    this.#segment += text
    if (this.#segment.length > LONGEST_PART)
      throw new UserError('malformed-xml', `a segment has more than ${LONGEST_PART} characters`)
  }
  close(name: string): void {
    if (name === 'seg') {
      this.#unit.set(this.#language, tidy(this.#segment ?? ''))
      this.#segment = undefined
    } else if (name === 'tu') this.#finishUnit()
    else if (this.#segment !== undefined && INLINE_CODE.has(name)) this.#code--
  }
  /** The codes of both sides among those of a unit. */
  #languagesOf(available: readonly string[]): readonly (string | undefined)[] {
    const key = available.join(' ')
    let found = this.#matches.get(key)
    if (!found) {
      found = [this.source, this.target].map(language => matchLanguage(available, language))
      this.#matches.set(key, found)
    }
    return found
  }
  #finishUnit(): void {
    const languages = this.#languagesOf([...this.#unit.keys()])
    // One variant cannot stand for both sides.
    if (languages[0] === languages[1]) return
    const [source, target] = languages.map(language => language && this.#unit.get(language))
    if (source === undefined || target === undefined) return
    this.found++
    this.ready.push({ source, target, line: this.#line })
  }
}

/**
 * The units of a TMX file that have both languages; {@link matchLanguage} says which variants count. The encoding is the
 * declared one, UTF-8 by default, or UTF-16 by its byte-order mark.
 * @throws UserError `tmx-languages` where no unit has the pair; `malformed-xml` with the line; as {@link xmlText}
 */
export async function* tmxPairs(
  path: string,
  source: string,
  target: string,
  onRead?: (bytes: number) => void,
): AsyncGenerator<SentencePair> {
  const name = sourceName(path)
  const units = new UnitCollector(source, target)
  const parser = unitParser(units)
  for await (const text of xmlText(path, { onRead })) {
    located(parser, name, () => parser.write(text))
    yield* units.ready.splice(0)
  }
  located(parser, name, () => parser.close())
  yield* units.ready.splice(0)
  if (units.found === 0)
    throw new UserError(
      'tmx-languages',
      `${name}: no unit in both ${source} and ${target}; its languages are ${[...units.languages].join(', ') || 'none'}`,
    )
}

function unitParser(units: UnitCollector): sax.SAXParser {
  const parser = sax.parser(true, { trim: false, position: true })
  parser.ENTITIES = declaredEntities('')
  parser.ondoctype = doctype => {
    parser.ENTITIES = declaredEntities(doctype)
  }
  parser.onopentag = ({ name, attributes }) => units.open(name, attributes as Record<string, string>, parser.line + 1)
  parser.ontext = text => units.text(text)
  parser.oncdata = text => units.text(text)
  parser.onclosetag = name => units.close(name)
  parser.onerror = error => {
    throw new UserError('malformed-xml', xmlError(parser, error))
  }
  return parser
}

/** What sax says, on one line; of an entity, its name as well. */
function xmlError(parser: sax.SAXParser, { message }: Error): string {
  const reason = message.split('\n')[0]
  // Not among the parser's types: the name that has been read.
  const { entity } = parser as sax.SAXParser & { entity?: string }
  if (reason === 'Invalid character entity')
    return `the entity &${entity}; is not declared in the file itself; other files (a DTD) are not read`
  if (reason === 'Invalid character in entity name') return `&${entity} does not end in a semicolon; a lone & is &amp;`
  return reason
}

/** Adds file and line to errors. */
function located(parser: sax.SAXParser, name: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof UserError) error.message = `${name}, line ${parser.line + 1}: ${error.message}`
    throw error
  }
}
