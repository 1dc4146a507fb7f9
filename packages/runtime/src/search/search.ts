/** Beam search, batched over sentences and hypotheses. Beam 1 is greedy search. */
import { checkNbest, checkWhole, LIMITS } from '../limits.ts'
import type { DecoderBatch, StepOutput, TranslationNetwork } from '../network/translation-network.ts'
import { Beams } from './beams.ts'
import type { Hypothesis } from './hypothesis.ts'
import { type LengthNormalization, lengthScore } from './scoring.ts'

export interface SearchOptions {
  /** Hypotheses kept for each sentence; default 5. 1: the most probable token each time. */
  readonly beam?: number
  /** Translations of each sentence, at most `beam`; default 1. */
  readonly nbest?: number
  /** Default: average. */
  readonly normalization?: LengthNormalization
  /** Most tokens of a translation, `</s>` not counted, for a source of so many; default {@link defaultMaxLength}. */
  readonly maxLength?: (sourceLength: number) => number
  /** Whether hypotheses come with their attention; default false. */
  readonly attention?: boolean
  /** Once aborted, the search ends at its next step, and is rejected with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Twice the source and ten more, at most 500: real translations are shorter. */
export const defaultMaxLength = (sourceLength: number) => Math.min(2 * sourceLength + 10, 500)

/** Finished sentences leave the batch when they are this share of it: moving the others costs memory traffic. */
const FINISHED_SHARE = 1 / 8

/**
 * The best translations of each sentence, complete ones first, best score first. There may be fewer than `nbest`, never
 * none. `<pad>` and `<s>` are never generated. A sentence without words has the empty translation, with score 0.
 *
 * At each step the best candidates of all live hypotheses of a sentence are ranked. Those that end and are among the
 * best `beam` are complete; the best `beam` others live on. A sentence is over when no live hypothesis can come to a
 * better score than the last of its `nbest` complete ones (exact for every normalisation), with beam 1 at the first
 * `</s>`. At the greatest length nothing lives on; where fewer than `nbest` are complete, the others are taken as they are.
 *
 * @param sources token ids, without `</s>`
 * @throws UserError `option-range`
 */
export async function translateTokens(
  network: TranslationNetwork,
  sources: readonly (readonly number[])[],
  options: SearchOptions = {},
): Promise<Hypothesis[][]> {
  const { beam = 5, nbest = 1, maxLength = defaultMaxLength, attention = false } = options
  checkWhole('beam', beam)
  checkNbest(nbest, beam)
  const score = lengthScore(options.normalization ?? { kind: 'average' })
  const nonEmpty = sources.filter(s => s.length > 0)
  const sourceLengths = Int32Array.from(nonEmpty, s => s.length)
  const maxLengths = sourceLengths.map(length => checkWhole('maxLength', maxLength(length), LIMITS.maxLength))
  const beams = new Beams({ beam, nbest, score, sourceLengths, maxLengths })
  if (nonEmpty.length > 0) {
    const batch = await network.encode(nonEmpty)
    try {
      const count = candidateCount(network, beam)
      await search(batch, beams, nonEmpty.length, { count, attention, signal: options.signal })
    } finally {
      batch.dispose?.()
    }
  }
  let sentence = 0
  return sources.map(s => (s.length > 0 ? beams.results(sentence++) : [emptyHypothesis(attention)]))
}

/** Runs until every sentence is over. */
async function search(
  batch: DecoderBatch,
  beams: Beams,
  sentences: number,
  { count, attention, signal }: { count: number; attention: boolean; signal?: AbortSignal },
): Promise<void> {
  let present = Int32Array.from({ length: sentences }, (_, i) => i)
  for (;;) {
    signal?.throwIfAborted()
    const rows = beams.rows(present)
    const output = await batch.step({ ...rows, count, attention })
    checkOutput(output, rows.tokens.length, count)
    beams.advance(present, output, rows.width, count)
    const open = beams.open(present)
    if (open.length === 0) return
    const finished = present.length - open.length
    if (finished > 0 && finished >= present.length * FINISHED_SHARE) {
      await batch.keep(open)
      present = open.map(i => present[i])
    }
  }
}

/** Candidates to ask for in each row: `beam` that go on, and `</s>`, `<pad>`, `<s>`, which do not. */
function candidateCount(network: TranslationNetwork, beam: number): number {
  return Math.min(network.targetVocabularySize, beam + 3)
}

function emptyHypothesis(attention: boolean): Hypothesis {
  return { tokens: [], score: 0, logProbability: 0, complete: true, attention: attention ? [] : undefined }
}

/** A network's output of the wrong size would be read as something else. */
function checkOutput({ ids, logProbabilities, attention, sourceLength }: StepOutput, rows: number, count: number) {
  if (ids.length !== rows * count || logProbabilities.length !== rows * count)
    throw new Error(
      `the network returned ${ids.length} ids and ${logProbabilities.length} log probabilities; ` +
        `${rows} rows of ${count} were asked for`,
    )
  if (attention && attention.length !== rows * (sourceLength ?? 0))
    throw new Error(`the network returned ${attention.length} attention weights for ${rows} rows of ${sourceLength}`)
}
