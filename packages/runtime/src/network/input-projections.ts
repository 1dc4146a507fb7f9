/** A cache of the first layer's input projections W·E[word] + b, for the words that were used most recently. */
import { type ActivationRows, Activations } from '../kernels/activations.ts'
import type { Heap } from '../kernels/heap.ts'
import type { Term } from '../kernels/multiply.ts'
import type { SparseMatrix } from '../kernels/sparse-matrix.ts'

/** The cache takes this many bytes, but has room for this many words in any case. */
const CACHE_BYTES = 1 << 21
const MINIMUM_WORDS = 128

/** What projections are computed with. */
export interface Products {
  readonly heap: Heap
  multiply(terms: readonly Term[], y: ActivationRows, options: { bias: number }): void
  embed(embedding: SparseMatrix, words: ArrayLike<number>): Activations
}

/**
 * Words recur, so that most of the largest product is saved. Only for matrices of int8 blocks, whose products are exact:
 * a cached projection equals, to the last bit, the one that would be computed, whatever else is in the batch.
 */
export class InputProjections {
  /** [capacity, gates] */
  readonly #projections: Activations
  /** The row of each word; the least recently used word comes first. */
  readonly #rows = new Map<number, number>()

  constructor(
    readonly products: Products,
    readonly embedding: SparseMatrix,
    readonly layer: { readonly input: SparseMatrix; readonly bias: number },
  ) {
    const { rows: gates } = layer.input
    const fitting = Math.floor(CACHE_BYTES / (4 * gates))
    const capacity = Math.min(embedding.rows, Math.max(MINIMUM_WORDS, fitting))
    this.#projections = new Activations(products.heap, gates, capacity)
  }

  /** Writes the projections of words. @param words ids @param z [words, gates] */
  read(words: Int32Array, z: Activations): void {
    for (let first = 0; first < words.length; first += MINIMUM_WORDS) {
      const some = words.subarray(first, first + MINIMUM_WORDS)
      this.#load(new Set(some))
      z.copyFrom(this.#projections, { first, parents: some.map(word => this.#rows.get(word) ?? 0) })
    }
  }

  /** Computes the projections that are missing. @param words at most {@link MINIMUM_WORDS} */
  #load(words: ReadonlySet<number>): void {
    const missing: number[] = []
    for (const word of words) {
      const row = this.#rows.get(word)
      if (row === undefined) missing.push(word)
      else {
        // Becomes the most recently used.
        this.#rows.delete(word)
        this.#rows.set(word, row)
      }
    }
    if (missing.length === 0) return
    const x = this.products.embed(this.embedding, missing)
    const computed = new Activations(this.products.heap, this.#projections.features, missing.length)
    this.products.multiply([{ matrix: this.layer.input, x }], computed, { bias: this.layer.bias })
    missing.forEach((word, i) => {
      const row = this.#freeRow()
      this.#rows.set(word, row)
      this.#projections.copyFrom(computed, { first: row, parents: Int32Array.of(i) })
    })
    for (const used of [x, computed]) used.free()
  }

  /** An unused row, or that of the least recently used word, which is dropped. */
  #freeRow(): number {
    if (this.#rows.size < this.#projections.rows) return this.#rows.size
    const [oldest] = this.#rows
    const [word, row] = oldest
    this.#rows.delete(word)
    return row
  }
}
