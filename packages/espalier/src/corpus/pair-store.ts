/** Sentence pairs as token ids, in memory. Nothing here touches a disk: training loads anywhere. */

/** A pair as token ids, without `<s>` and `</s>`. */
export interface IdPair {
  readonly source: readonly number[]
  readonly target: readonly number[]
}

/** Appends a pair as a {@link PairStore} holds it. */
export function appendPair(numbers: number[], { source, target }: IdPair): void {
  numbers.push(source.length, target.length)
  for (const id of source) numbers.push(id)
  for (const id of target) numbers.push(id)
}

/** Pairs of token ids, by index. */
export class PairStore {
  /** Start of each pair's source ids, and of its target ids. */
  readonly #places: Int32Array

  /**
   * @param numbers for each pair the source length, the target length, the source ids, the target ids
   * @throws RangeError where the lengths are not those of `length` pairs
   */
  constructor(
    readonly length: number,
    readonly numbers: Int32Array,
  ) {
    if (!(length >= 0 && length <= numbers.length / 2)) throw new RangeError('more pairs than numbers')
    this.#places = new Int32Array(length)
    let at = 0
    for (let i = 0; i < length; i++) {
      if (!(numbers[at] >= 0 && numbers[at + 1] >= 0)) throw new RangeError('a length below zero')
      this.#places[i] = at
      at += 2 + numbers[at] + numbers[at + 1]
    }
    if (at !== numbers.length) throw new RangeError('lengths do not add up')
  }

  sourceLength(i: number): number {
    return this.numbers[this.#places[i]]
  }
  targetLength(i: number): number {
    return this.numbers[this.#places[i] + 1]
  }
  source(i: number): Int32Array {
    const at = this.#places[i] + 2
    return this.numbers.subarray(at, at + this.sourceLength(i))
  }
  target(i: number): Int32Array {
    const at = this.#places[i] + 2 + this.sourceLength(i)
    return this.numbers.subarray(at, at + this.targetLength(i))
  }

  /** Pairs that are spread evenly over the store: `size` of them, or all where it has fewer. Always the same. */
  sample(size: number): PairStore {
    const count = Math.min(size, this.length)
    const pairs = Array.from({ length: count }, (_, i) => {
      const index = Math.floor((i * this.length) / count)
      return { source: [...this.source(index)], target: [...this.target(index)] }
    })
    return PairStore.of(pairs)
  }

  /** A store of pairs given as ids. */
  static of(pairs: Iterable<IdPair>): PairStore {
    const numbers: number[] = []
    let length = 0
    for (const pair of pairs) {
      appendPair(numbers, pair)
      length++
    }
    return new PairStore(length, Int32Array.from(numbers))
  }
}
