/**
 * A batch of random words: `size` pairs of `length` words each, of vocabularies of `vocabulary` words.
 * @param {number} size @param {number} length @param {number} vocabulary
 */
export function randomBatch(size, length, vocabulary) {
  let state = 1
  const word = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return 4 + (state % (vocabulary - 4))
  }
  const ids = () => Int32Array.from({ length: length * size }, word)
  const [source, targetInput, labels] = [ids(), ids(), ids()]
  return { size, sourceLength: length, targetLength: length, source, targetInput, labels, words: length * size }
}
