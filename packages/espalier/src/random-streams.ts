/**
 * The streams of random numbers, each for one use: draws of different streams never meet, whatever the seed. The phrasebook, a
 * package of its own, has the stream 0x70687261.
 */
export const RANDOM_STREAMS = {
  /** Initial weights; the step is the parameter's index. */
  initialisation: 1,
  /** The order of sentence pairs; the step is the epoch. */
  shuffling: 2,
  /** Random pruning; the seed counts with the tensor's name, the step is the place in the tensor. */
  randomPruning: 3,
  /** The samples of the paired bootstrap. */
  bootstrap: 4,
  /** The models of several seeds that a sample of the bootstrap has. */
  bootstrapSeeds: 5,
} as const

/** Dropout masks have the streams from 1000 on, one each; the step is that of training. */
const FIRST_DROPOUT_STREAM = 1000
const MOST_DROPOUT_MASKS = 1_000_000

/** The stream of a network's dropout mask. @param mask its index, in the order in which the network makes them */
export function dropoutStream(mask: number): number {
  if (!(mask >= 0 && mask < MOST_DROPOUT_MASKS)) throw new RangeError(`dropout mask ${mask}`)
  return FIRST_DROPOUT_STREAM + mask
}
