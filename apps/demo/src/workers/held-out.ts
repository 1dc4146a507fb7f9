/** The grammar's text in this worker: what is held out for BLEU, and what may be trained on, as `espalier phrasebook` divides it. */
import { type PhrasebookPair, phrasebookSplits } from '@espalier/phrasebook'
import type { Side } from '@espalier/runtime/packed'
import { PairStore } from 'espalier/corpus'
import type { PairNumbers, PhrasebookText } from './model-calls.ts'

/** Held-out sentences that BLEU is measured on here: fewer than the command line takes, so that it takes a second, not five. */
const MEASURED = 200
/** Sentence pairs that training validates with. */
const VALIDATED = 64

/** The sentences of the test text. They come first in the grammar's text, so that no other has to be made. */
export function heldOut({ seed }: PhrasebookText): readonly PhrasebookPair[] {
  return phrasebookSplits({ pairs: 0, seed }).test.slice(0, MEASURED)
}

interface Sides {
  readonly source: Side
  readonly target: Side
}

/** Training and validation text as the ids of a model's words. */
export function trainingPairs(text: PhrasebookText, sides: Sides): { train: PairNumbers; valid: PairNumbers } {
  const { train, valid } = phrasebookSplits(text)
  return { train: encode(train, sides), valid: encode(valid.slice(0, VALIDATED), sides) }
}

function encode(pairs: readonly PhrasebookPair[], { source, target }: Sides): PairNumbers {
  const ids = ({ tokenizer, vocabulary }: Side, text: string) => vocabulary.encode(tokenizer.tokenize(text))
  const { length, numbers } = PairStore.of(
    pairs.map(pair => ({ source: ids(source, pair.source), target: ids(target, pair.target) })),
  )
  return { length, numbers }
}
