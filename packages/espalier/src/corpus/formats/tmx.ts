/** TMX 1.4, the exchange format of translation memories, parsed as a stream. */
import { TextDecoder } from 'node:util'
import { UserError } from '@espalier/runtime'
import sax from 'sax'
import { sourceName, textBytes } from '../bytes.ts'
import type { SentencePair } from '../sentence-pair.ts'

/** Elements inside a segment whose text is code of the original format, not language (TMX 1.4b, section 3). */
const INLINE_CODE = new Set(['bpt', 'ept', 'ph', 'it', 'ut'])

const normalTag = (tag: string) => tag.toLowerCase().replaceAll('_', '-')
const sameLanguage = (tag: string, wanted: string) =>
  normalTag(tag) === normalTag(wanted) || normalTag(tag).startsWith(`${normalTag(wanted)}-`)

/** Collects units from parser events. */
class UnitCollector {
  readonly ready: SentencePair[] = []
  readonly languages = new Set<string>()
  found = 0
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
    this.ready.push({ source, target, line: this.#line })
  }
}

/**
 * The units of a TMX file that have both languages (`en` stands for `en-GB` as well), in UTF-8, or in UTF-16 with its
 * byte-order mark.
 * @throws UserError `tmx-languages` where no unit has the pair; `malformed-xml`, `invalid-utf8` with the line
 */
export async function* tmxPairs(path: string, source: string, target: string): AsyncGenerator<SentencePair> {
  const parser = sax.parser(true, { trim: false, position: true })
  const units = new UnitCollector(source, target)
  parser.onopentag = ({ name, attributes }) => units.open(name, attributes as Record<string, string>, parser.line + 1)
  parser.ontext = text => units.text(text)
  parser.oncdata = text => units.text(text)
  parser.onclosetag = name => units.close(name)
  parser.onerror = error => {
    const reason = error.message.split('\n')[0]
    throw new UserError('malformed-xml', `${path}, line ${parser.line + 1}: ${reason}`)
  }
  for await (const text of decodedText(path)) {
    parser.write(text)
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

/** A file's text in pieces that need not end with a line: an XML file may be one long line. */
async function* decodedText(path: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined
  let lines = 1
  for await (const chunk of textBytes(path, { utf16: true })) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true })
    // Piece by piece, so that the line of an invalid byte is known (in UTF-16, where other characters hold the byte of
    // a line end too, roughly).
    for (let start = 0; start < chunk.length; ) {
      const newline = chunk.indexOf(10, start)
      const end = newline < 0 ? chunk.length : newline + 1
      yield decodePiece(decoder, chunk.subarray(start, end), path, lines)
      if (newline >= 0) lines++
      start = end
    }
  }
  if (!decoder) throw new UserError('empty-file', `${sourceName(path)} is empty`)
  yield decodePiece(decoder, undefined, path, lines)
}

/** @param bytes undefined at the end of the file */
function decodePiece(decoder: TextDecoder, bytes: Uint8Array | undefined, path: string, line: number): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined })
  } catch {
    throw new UserError('invalid-utf8', `${path}, line ${line}: not valid ${decoder.encoding.toUpperCase()}`)
  }
}

function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le'
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be'
  return 'utf-8'
}
