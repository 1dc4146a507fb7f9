/** The layers of an LSTM network over loaded weights: what encoder and decoder are made of. */
import type { LstmConfig } from '../architectures/lstm/config.ts'
import { LSTM_PARAMETERS, lstmLayerNames, lstmParameters } from '../architectures/lstm/parameters.ts'
import { type ActivationRows, Activations } from '../kernels/activations.ts'
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/interface.ts'
import { createScratch, embed, multiply, type Scratch, type Term } from '../kernels/multiply.ts'
import type { SparseMatrix } from '../kernels/sparse-matrix.ts'
import { InputProjections } from './input-projections.ts'
import type { NetworkWeights } from './weights.ts'

/** A layer's state, [rows, units] each. */
export interface LstmState {
  readonly h: Activations
  readonly c: Activations
}

/** The parameters of an LSTM layer. */
export interface LstmLayer {
  /** [4 units, inputs] */
  readonly input: SparseMatrix
  /** [4 units, units] */
  readonly recurrent: SparseMatrix
  /** A pointer to f32[4 units]. */
  readonly bias: number
  readonly units: number
}

export class Layers {
  readonly config: LstmConfig
  readonly #scratch: Scratch
  /** By the bias of a first layer. */
  readonly #inputProjections = new Map<number, InputProjections>()

  constructor(
    readonly heap: Heap,
    readonly kernels: Kernels,
    readonly weights: NetworkWeights,
  ) {
    this.config = weights.config
    const products = lstmParameters(weights.config).filter(({ role }) => role === 'matrix')
    this.#scratch = createScratch(
      heap,
      products.map(({ name }) => weights.matrices[name]),
    )
  }

  matrix(name: string): SparseMatrix {
    return this.weights.matrices[name]
  }

  embedding(side: 'source' | 'target'): SparseMatrix {
    return this.matrix(LSTM_PARAMETERS.embedding[side])
  }

  lstm(...layer: Parameters<typeof lstmLayerNames>): LstmLayer {
    const names = lstmLayerNames(...layer)
    const recurrent = this.matrix(names.recurrent)
    return {
      input: this.matrix(names.input),
      recurrent,
      bias: this.weights.vectors[names.bias],
      units: recurrent.columns,
    }
  }

  /**
   * The cache of a first layer's input projections; undefined where it cannot be used: where the layer reads more than
   * an embedding, or where products depend on what else is in the batch.
   */
  inputProjections(embedding: SparseMatrix, layer: LstmLayer): InputProjections | undefined {
    if (layer.input.kind !== 'int8-blocks' || layer.input.columns !== embedding.columns) return undefined
    let found = this.#inputProjections.get(layer.bias)
    if (!found) {
      found = new InputProjections(this, embedding, layer)
      this.#inputProjections.set(layer.bias, found)
    }
    return found
  }

  /** See `multiply` of kernels/multiply.ts. */
  multiply(terms: readonly Term[], y: ActivationRows, options?: { bias?: number; add?: boolean }): void {
    multiply(this.kernels, terms, y, this.#scratch, options)
  }

  /** The embeddings of words, [words, features]; features beyond the embedding's are 0. */
  embed(embedding: SparseMatrix, words: ArrayLike<number>, features = embedding.columns): Activations {
    const x = new Activations(this.heap, features, words.length, { clear: true })
    for (let row = 0; row < words.length; row++) embed(this.kernels, embedding, words[row], x.row(row))
    return x
  }

  /**
   * Replaces a layer's state by the next one.
   * @param z gates [rows, 4 units] @param mask a pointer to i32[rows]: where it is 0, the state is kept; 0: no mask
   */
  cell({ units }: LstmLayer, z: ActivationRows, { h, c }: LstmState, mask = 0): void {
    this.kernels.lstmCell(z.pointer, z.stride, c.pointer, h.pointer, h.stride, units, z.rows, mask)
  }
}
