/** Source sentences as one padded array, for training and for translation alike. */
import { EOS, PAD } from '@espalier/runtime'

/**
 * Source sentences as token ids [length, sentences], padded on the left, `</s>` last.
 * @param length of the longest sentence at least, `</s>` counted
 * @param reversed whether the words stand from last to first
 */
export function padSources(sources: readonly ArrayLike<number>[], length: number, reversed: boolean): Int32Array {
  const size = sources.length
  const padded = new Int32Array(length * size).fill(PAD)
  sources.forEach((words, b) => {
    const start = length - 1 - words.length
    for (let s = 0; s < words.length; s++) padded[(start + s) * size + b] = words[reversed ? words.length - 1 - s : s]
    padded[(length - 1) * size + b] = EOS
  })
  return padded
}
