/** Bounds of what a translator can be asked for, and their checks. The command line uses the same ones. */
import { UserError } from './errors.ts'

/** Beyond these a request would take all memory, or minutes a sentence, and help nobody. */
export const LIMITS = {
  /** Each thread takes some 13 MB of its own. */
  threads: 64,
  /** Translations get no better beyond 20. At 128 a sentence takes half a second, at 256 two and more. */
  beam: 128,
  batchSize: 4096,
  batchTokens: 1 << 20,
  /** Hypotheses that are worked on together: `beam` × `batchSize`. */
  hypotheses: 1 << 16,
  /** Source tokens of a sentence. */
  maxSourceLength: 10_000,
  /** Tokens of a translation. */
  maxLength: 10_000,
} as const

/** @throws UserError `option-range` unless it is a whole number from 1 to `most` */
export function checkWhole(name: string, value: number, most = Infinity): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  const range = most === Infinity ? 'a whole number from 1 up' : `a whole number from 1 to ${most.toLocaleString('en')}`
  throw new UserError('option-range', `${name} is ${value}; it must be ${range}`)
}

/** The method that shows that an option is of the kind it has to be. */
const KINDS = {
  dictionary: ['get', 'a Map'],
  signal: ['throwIfAborted', 'an AbortSignal'],
  maxLength: ['call', 'a function'],
  onProgress: ['call', 'a function'],
} as const

interface BoundedOptions {
  readonly beam?: number
  readonly nbest?: number
  readonly batchSize?: number
  readonly batchTokens?: number
  readonly maxSourceLength?: number
  readonly dictionary?: object
  readonly signal?: object
  readonly maxLength?: object
  readonly onProgress?: object
}

/** @throws UserError `option-range`, `invalid-argument` naming the first option that is out of range or of another kind */
export function checkOptions(options: BoundedOptions): void {
  for (const [name, [method, kind]] of Object.entries(KINDS)) {
    const value: unknown = options[name as keyof typeof KINDS]
    if (value !== undefined && typeof (value as Record<string, unknown> | null)?.[method] !== 'function')
      throw new UserError('invalid-argument', `${name} has to be ${kind}; it is ${value}`)
  }
  const { beam = 5, nbest = 1, batchSize = 64, batchTokens = 4096, maxSourceLength = 200 } = options
  for (const [name, value] of Object.entries({ beam, batchSize, batchTokens, maxSourceLength }))
    checkWhole(name, value, LIMITS[name as 'beam'])
  checkNbest(nbest, beam)
  if (beam * batchSize > LIMITS.hypotheses)
    throw new UserError(
      'option-range',
      `a beam of ${beam} for ${batchSize} sentences at once is ${beam * batchSize} hypotheses; ` +
        `at most ${LIMITS.hypotheses} can be: make beam or batchSize smaller`,
    )
}

/** @throws UserError `option-range` */
export function checkNbest(nbest: number, beam: number): void {
  checkWhole('nbest', nbest)
  if (nbest > beam) throw new UserError('option-range', `nbest ${nbest} is more than a beam of ${beam} can give`)
}

/** @throws UserError `invalid-argument` for what plain JavaScript may give instead of an array of strings */
export function checkSentences(sentences: readonly string[]): void {
  if (!Array.isArray(sentences))
    throw new UserError(
      'invalid-argument',
      `sentences are an array of strings, ['One.', 'Two.']; this is ${typeof sentences}`,
    )
  sentences.forEach(checkSentence)
}

function checkSentence(sentence: string, index: number): void {
  if (typeof sentence !== 'string')
    throw new UserError('invalid-argument', `sentence ${index} is no string: it is ${sentence}`)
}

/** The sentences as they come, each checked. @throws UserError `invalid-argument` */
export async function* checkedSentences(
  sentences: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<string, void, undefined> {
  const isIterable =
    typeof sentences === 'object' &&
    sentences !== null &&
    (Symbol.iterator in sentences || Symbol.asyncIterator in sentences)
  if (!isIterable)
    throw new UserError(
      'invalid-argument',
      `stream takes something that iterates over strings; this is ${typeof sentences}`,
    )
  let index = 0
  for await (const sentence of sentences) {
    checkSentence(sentence, index++)
    yield sentence
  }
}
