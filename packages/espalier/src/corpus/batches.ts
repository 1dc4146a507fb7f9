/** Batches: bucketed by length, shuffled for each epoch by the seed. */
import { Random } from '@espalier/engine'
import { BOS, EOS, PAD } from '@espalier/runtime'
import { RANDOM_STREAMS } from '../random-streams.ts'
import { padSources } from './padding.ts'
import type { PairStore } from './pair-store.ts'

/** Sentences are sorted by length inside a window of so many batches (Marian: maxi-batch). */
const WINDOW_BATCHES = 100

/** One batch as arrays, time-major. */
export interface Batch {
  /** Sentence pairs. */
  readonly size: number
  readonly sourceLength: number
  readonly targetLength: number
  /** [sourceLength, size]: padding, the words, `</s>`. */
  readonly source: Int32Array
  /** [targetLength, size]: `<s>`, the words, padding. */
  readonly targetInput: Int32Array
  /** [targetLength, size]: the words, `</s>`, padding. */
  readonly labels: Int32Array
  /** Target words, one `</s>` for each sentence included. */
  readonly words: number
}

/**
 * The batches of an epoch, as indices of pairs: a pure function of its arguments, so that a resumed run can go on at
 * any batch. Every pair occurs once; only the last batch of a window is smaller.
 */
export function epochBatches(
  store: PairStore,
  { batchSize, seed, epoch }: { batchSize: number; seed: number; epoch: number },
): Int32Array[] {
  const random = new Random(seed, RANDOM_STREAMS.shuffling, epoch)
  const order = random.shuffle(Int32Array.from({ length: store.length }, (_, i) => i))
  const batches: Int32Array[] = []
  for (let start = 0; start < order.length; start += batchSize * WINDOW_BATCHES) {
    const window = order.subarray(start, start + batchSize * WINDOW_BATCHES)
    batches.push(...byLength(store, window, batchSize))
  }
  return random.shuffle(batches)
}

/** All pairs in batches by length, for measuring; the same whenever asked. */
export function sortedBatches(store: PairStore, batchSize: number): Int32Array[] {
  const order = Int32Array.from({ length: store.length }, (_, i) => i)
  return byLength(store, order, batchSize)
}

/** Sorts indices of pairs by length, in place, and cuts them into batches. */
function byLength(store: PairStore, order: Int32Array, batchSize: number): Int32Array[] {
  order.sort(
    (a, b) => store.targetLength(a) - store.targetLength(b) || store.sourceLength(a) - store.sourceLength(b) || a - b,
  )
  const batches: Int32Array[] = []
  for (let i = 0; i < order.length; i += batchSize) batches.push(order.subarray(i, i + batchSize))
  return batches
}

/** Pairs as padded arrays: sources on the left, targets on the right. */
export function collate(store: PairStore, indices: Int32Array, reverseSource: boolean): Batch {
  const size = indices.length
  let [sourceLength, targetLength, words] = [0, 0, 0]
  for (const i of indices) {
    sourceLength = Math.max(sourceLength, store.sourceLength(i) + 1)
    targetLength = Math.max(targetLength, store.targetLength(i) + 1)
    words += store.targetLength(i) + 1
  }
  const sources = Array.from(indices, i => store.source(i))
  const source = padSources(sources, sourceLength, reverseSource)
  const targetInput = new Int32Array(targetLength * size).fill(PAD)
  const labels = new Int32Array(targetLength * size).fill(PAD)
  indices.forEach((index, b) => {
    const target = store.target(index)
    targetInput[b] = BOS
    target.forEach((id, t) => {
      targetInput[(t + 1) * size + b] = id
      labels[t * size + b] = id
    })
    labels[target.length * size + b] = EOS
  })
  return { size, sourceLength, targetLength, source, targetInput, labels, words }
}
