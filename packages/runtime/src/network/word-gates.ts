/** What words are to an LSTM's first layer: computed once for those that were seen lately. */
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { embed, type Matrix, type Term } from './matrix.ts'
import { Rows, type RowsView } from './rows.ts'

/** Words are remembered as long as they take no more than this, but this many in any case. */
const BYTES = 1 << 21
const LEAST_WORDS = 128

/** What it is computed with. */
interface Products {
  readonly heap: Heap
  readonly kernels: Kernels
  multiply(terms: readonly Term[], y: RowsView, options: { bias: number }): void
}

/**
 * The gates that a layer gets from a word alone, W·E[word] + b. Where words come again, as they do, most of the largest
 * product is saved. Only for matrices whose products are exact (blocks of whole numbers): what is remembered is then, to
 * the last bit, what would be computed, with whatever else it was computed.
 */
export class WordGates {
  readonly #gates: Rows
  /** The row of each word; the one that was asked for least lately comes first. */
  readonly #rows = new Map<number, number>()

  constructor(
    readonly products: Products,
    readonly embedding: Matrix,
    readonly layer: { readonly input: Matrix; readonly bias: number },
  ) {
    const bytes = 4 * layer.input.rows
    const capacity = Math.min(embedding.rows, Math.max(LEAST_WORDS, Math.floor(BYTES / bytes)))
    this.#gates = new Rows(products.heap, layer.input.rows, capacity)
  }

  /** @param words ids @param z [words, gates]: written */
  read(words: Int32Array, z: Rows): void {
    for (let first = 0; first < words.length; first += LEAST_WORDS) {
      const some = words.subarray(first, first + LEAST_WORDS)
      this.#remember(new Set(some))
      z.take(this.#gates, { first, parents: some.map(word => this.#rows.get(word) as number) })
    }
  }

  /** Sees to it that all of these are there, at most {@link LEAST_WORDS} of them. */
  #remember(words: ReadonlySet<number>): void {
    const { heap, kernels } = this.products
    const missing: number[] = []
    for (const word of words) {
      const row = this.#rows.get(word)
      if (row === undefined) missing.push(word)
      else {
        this.#rows.delete(word)
        this.#rows.set(word, row)
      }
    }
    if (missing.length === 0) return
    const x = new Rows(heap, this.embedding.columns, missing.length, { clear: true })
    missing.forEach((word, i) => {
      embed(kernels, this.embedding, word, x.row(i))
    })
    const found = new Rows(heap, this.#gates.features, missing.length)
    this.products.multiply([{ matrix: this.layer.input, x }], found, { bias: this.layer.bias })
    missing.forEach((word, i) => {
      const row = this.#room()
      this.#rows.set(word, row)
      this.#gates.take(found, { first: row, parents: Int32Array.of(i) })
    })
    for (const used of [x, found]) used.free()
  }

  /** A row that is free, or that of the word that was asked for least lately. */
  #room(): number {
    if (this.#rows.size < this.#gates.rows) return this.#rows.size
    const [word, row] = this.#rows.entries().next().value as [number, number]
    this.#rows.delete(word)
    return row
  }
}
