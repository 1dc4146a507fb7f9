/** The phrasebook's public functions: sentence pairs by seed, and their division into train, valid and test. */
import { Random } from '@espalier/engine/random'
import { UserError } from '@espalier/runtime'
import { AMBIGUITIES } from './ambiguity.ts'
import { Draw } from './draw.ts'
import { byTopic, TOPICS, type Topic } from './lexicon.ts'
import { SIMPLE, type Weighted } from './patterns.ts'
import { COMPLEX } from './patterns-complex.ts'
import { DESCRIPTIVE } from './patterns-descriptive.ts'
import { TOPICAL } from './topical.ts'

export interface PhrasebookPair {
  /** English. */
  readonly source: string
  /** German. */
  readonly target: string
  readonly topic: Topic
}

export interface PhrasebookOptions {
  /** The number of pairs. */
  readonly pairs: number
  /** The same seed gives the same pairs. */
  readonly seed: number
}

/** The random stream of the phrasebook; other uses of the same seed take other streams. */
const STREAM = 0x70_68_72_61
const MIN_WORDS = 3
const MAX_WORDS = 25
/** After this many rejected sentences in a row the grammar counts as exhausted. */
const MAX_DUPLICATES = 20_000

const patterns = byTopic(
  (topic): Weighted => [...SIMPLE, ...COMPLEX, ...DESCRIPTIVE, ...TOPICAL[topic], ...AMBIGUITIES[topic]],
)

const length = (text: string) => text.split(' ').length
const fits = (text: string) => length(text) >= MIN_WORDS && length(text) <= MAX_WORDS

/**
 * Yields `pairs` English-German sentence pairs, all with different English.
 * @throws UserError `invalid-phrasebook-size` when `pairs` is not an integer ≥ 0
 * @throws UserError `phrasebook-exhausted` when the grammar has fewer distinct sentences
 */
export function* generatePhrasebook({ pairs, seed }: PhrasebookOptions): Generator<PhrasebookPair> {
  if (!Number.isSafeInteger(pairs) || pairs < 0)
    throw new UserError('invalid-phrasebook-size', `pairs is ${pairs}; it has to be an integer from 0 on.`)
  const draw = new Draw(new Random(seed, STREAM))
  const seen = new Set<string>()
  let misses = 0
  while (seen.size < pairs) {
    const topic = draw.pick(TOPICS)
    const [source, target] = draw.weighted(patterns[topic])(draw, topic)
    if (seen.has(source) || !fits(source) || !fits(target)) {
      if (++misses > MAX_DUPLICATES)
        throw new UserError(
          'phrasebook-exhausted',
          `The grammar has only ${seen.size} distinct pairs with this seed, not ${pairs}; ask for fewer.`,
        )
      continue
    }
    misses = 0
    seen.add(source)
    yield { source, target, topic }
  }
}

export interface PhrasebookSplits {
  readonly train: PhrasebookPair[]
  readonly valid: PhrasebookPair[]
  readonly test: PhrasebookPair[]
}

/** `pairs` pairs to train on, and more for validation and test; no sentence is in two of the three. */
export function phrasebookSplits({
  pairs,
  seed,
  valid = 500,
  test = 500,
}: PhrasebookOptions & { valid?: number; test?: number }): PhrasebookSplits {
  // Held-out pairs come first, so that they stay the same when the training set grows.
  const all = [...generatePhrasebook({ pairs: pairs + valid + test, seed })]
  return { test: all.slice(0, test), valid: all.slice(test, test + valid), train: all.slice(test + valid) }
}
