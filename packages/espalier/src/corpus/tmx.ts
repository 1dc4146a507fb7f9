/** TMX 1.4, the exchange format of translation memories, parsed as a stream. */
import { UserError } from '@espalier/runtime'
import sax from 'sax'
import type { SentencePair } from './bitext.ts'
import { fileLines } from './lines.ts'

/** Elements inside a segment whose text is code of the original format, not language (TMX 1.4b, section 3). */
const INLINE_CODE = new Set(['bpt', 'ept', 'ph', 'it', 'ut'])

const sameLanguage = (tag: string, wanted: string) =>
  tag.toLowerCase() === wanted.toLowerCase() || tag.toLowerCase().startsWith(`${wanted.toLowerCase()}-`)

/** Collects units from parser events. */
class UnitCollector {
  readonly ready: SentencePair[] = []
  readonly languages = new Set<string>()
  found = 0
  #unit = new Map<string, string>()
  #language = ''
  #segment: string | undefined
  #code = 0

  constructor(
    readonly source: string,
    readonly target: string,
  ) {}

  open(name: string, attributes: Record<string, string>): void {
    if (name === 'tu') this.#unit = new Map()
    else if (name === 'tuv') {
      this.#language = attributes['xml:lang'] ?? attributes.lang ?? ''
      this.languages.add(this.#language)
    } else if (name === 'seg') this.#segment = ''
    else if (this.#segment !== undefined && INLINE_CODE.has(name)) this.#code++
  }
  text(text: string): void {
    if (this.#segment !== undefined && this.#code === 0) this.#segment += text
  }
  close(name: string): void {
    if (name === 'seg') {
      this.#unit.set(this.#language, (this.#segment ?? '').replace(/\s+/gu, ' ').trim())
      this.#segment = undefined
    } else if (name === 'tu') this.#finishUnit()
    else if (this.#segment !== undefined && INLINE_CODE.has(name)) this.#code--
  }
  #finishUnit(): void {
    const side = (wanted: string) => [...this.#unit].find(([language]) => sameLanguage(language, wanted))?.[1]
    const [source, target] = [side(this.source), side(this.target)]
    if (source === undefined || target === undefined) return
    this.found++
    this.ready.push({ source, target })
  }
}

/**
 * The units of a TMX file that have both languages.
 * @throws UserError `tmx-languages` where no unit has the pair, `malformed-xml` with the line
 */
export async function* tmxPairs(path: string, source: string, target: string): AsyncGenerator<SentencePair> {
  const parser = sax.parser(true, { trim: false, position: true })
  const units = new UnitCollector(source, target)
  parser.onopentag = ({ name, attributes }) => units.open(name, attributes as Record<string, string>)
  parser.ontext = text => units.text(text)
  parser.oncdata = text => units.text(text)
  parser.onclosetag = name => units.close(name)
  parser.onerror = error => {
    const reason = error.message.split('\n')[0]
    throw new UserError('malformed-xml', `${path}, line ${parser.line + 1}: ${reason}`)
  }
  for await (const line of fileLines(path)) {
    parser.write(`${line}\n`)
    yield* units.ready.splice(0)
  }
  parser.close()
  yield* units.ready.splice(0)
  if (units.found === 0)
    throw new UserError(
      'tmx-languages',
      `${path}: no unit in both ${source} and ${target}; its languages are ${[...units.languages].join(', ') || 'none'}`,
    )
}
