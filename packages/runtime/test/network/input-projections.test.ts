import { beforeEach, expect, it } from 'vitest'
import { type ActivationRows, Activations } from '../../src/kernels/activations.ts'
import { Heap } from '../../src/kernels/heap.ts'
import type { SparseMatrix } from '../../src/kernels/sparse-matrix.ts'
import { InputProjections, type Products } from '../../src/network/input-projections.ts'

const GATES = 8
const matrix = (rows: number): SparseMatrix => ({ kind: 'int8-blocks', rows, columns: 4, descriptor: 0 })

/** Embeds a word as itself, and projects it to GATES numbers of it. Notes what it was asked for. */
class FakeProducts implements Products {
  readonly heap = Heap.create()
  embedded: number[] = []

  embed(_embedding: SparseMatrix, words: ArrayLike<number>): Activations {
    const x = new Activations(this.heap, 4, words.length, { clear: true })
    for (let row = 0; row < words.length; row++) {
      this.embedded.push(words[row])
      this.heap.floats(x.row(row), 1)[0] = words[row]
    }
    return x
  }

  multiply([{ x }]: readonly { readonly x: ActivationRows }[], y: ActivationRows): void {
    for (let row = 0; row < y.rows; row++) {
      const [word] = this.heap.floats(x.pointer + row * x.stride, 1)
      this.heap.floats(y.pointer + row * y.stride, GATES).fill(word)
    }
  }
}

let products: FakeProducts
beforeEach(() => {
  products = new FakeProducts()
})

/** What the cache gives for words, and which of them were computed. */
function read(cache: InputProjections, words: readonly number[]) {
  products.embedded = []
  const z = new Activations(products.heap, GATES, words.length)
  cache.read(Int32Array.from(words), z)
  const found = words.map((_, row) => [...products.heap.floats(z.row(row), GATES)])
  z.free()
  expect(found).toEqual(words.map(word => Array(GATES).fill(word)))
  return products.embedded
}

it('computes each word once', () => {
  const cache = new InputProjections(products, matrix(50), { input: matrix(GATES), bias: 0 })
  expect(read(cache, [5, 7, 5])).toEqual([5, 7])
  expect(read(cache, [7, 9, 5])).toEqual([9])
  expect(read(cache, [])).toEqual([])
})

it('drops the least recently used words, and takes more words at once than fit', () => {
  // So many gates that the cache has room for the fewest words, 128.
  const wide = { ...matrix(1 << 14), rows: 1 << 14 }
  const cache = new InputProjections(products, matrix(1000), { input: wide, bias: 0 })
  const words = Array.from({ length: 128 }, (_, i) => i)
  const computed = (list: readonly number[]) => {
    products.embedded = []
    const z = new Activations(products.heap, wide.rows, list.length)
    cache.read(Int32Array.from(list), z)
    const first = list.map((_, row) => products.heap.floats(z.row(row), 1)[0])
    z.free()
    expect(first).toEqual(list)
    return products.embedded
  }
  expect(computed(words)).toEqual(words)
  expect(computed([0])).toEqual([])
  // 1 is the least recently used now.
  expect(computed([500])).toEqual([500])
  expect(computed([0, 2, 3])).toEqual([])
  expect(computed([1])).toEqual([1])
  expect(computed(Array.from({ length: 300 }, (_, i) => 600 + i))).toHaveLength(300)
})
