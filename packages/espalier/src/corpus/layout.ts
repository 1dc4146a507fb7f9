/** How source sentences stand in an array. Apart from the batches of training, so that a browser can use it, too. */
import { EOS, PAD } from '@espalier/runtime'

/** Source sentences as [length, sentences], padded on the left, `</s>` last; the words from last to first if reversed. */
export function layOutSources(sources: readonly ArrayLike<number>[], length: number, reversed: boolean): Int32Array {
  const size = sources.length
  const laid = new Int32Array(length * size).fill(PAD)
  sources.forEach((words, b) => {
    const start = length - 1 - words.length
    for (let s = 0; s < words.length; s++) laid[(start + s) * size + b] = words[reversed ? words.length - 1 - s : s]
    laid[(length - 1) * size + b] = EOS
  })
  return laid
}
