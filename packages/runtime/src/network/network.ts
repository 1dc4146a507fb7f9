/** A packed model's network, as beam search sees it: its weights, and what encoder and decoder compute with them. */
import type { ParameterSpec } from '../architectures/architecture.ts'
import type { LstmConfig } from '../architectures/lstm/config.ts'
import { LSTM_PARAMETERS, lstmLayerNames, lstmParameters } from '../architectures/lstm/parameters.ts'
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { PackedReader } from '../packed/format.ts'
import { unpackTensor } from '../packed/tensor.ts'
import { Encoder } from './encoder.ts'
import type { FastDecoder } from './fast-decoder.ts'
import {
  createScratch,
  embed,
  loadMatrix,
  loadVector,
  type Matrix,
  multiply,
  type Scratch,
  type Term,
} from './matrix.ts'
import { Rows, type RowsView } from './rows.ts'
import type { DecoderBatch, TranslationNetwork } from './translation-network.ts'
import { WordGates } from './word-gates.ts'

/** A network's weights in memory: plain data, so that threads that share the memory can share them. */
export interface NetworkWeights {
  readonly config: LstmConfig
  readonly matrices: Readonly<Record<string, Matrix>>
  /** Where vectors are: biases, and the vector of concat attention. */
  readonly vectors: Readonly<Record<string, number>>
}

/** Reads the tensors of a file, one after the other. @param specs what each of them is @throws PackedFileError */
export async function loadWeights(
  heap: Heap,
  config: LstmConfig,
  specs: readonly ParameterSpec[],
  file: PackedReader,
  fast?: FastDecoder,
): Promise<NetworkWeights> {
  const matrices: Record<string, Matrix> = {}
  const vectors: Record<string, number> = {}
  for (const [i, entry] of file.header.tensors.entries()) {
    const { name, role } = specs[i]
    const sections = await file.tensor(entry)
    if (role === 'vector' || role === 'bias') vectors[name] = loadVector(heap, unpackTensor(sections).data)
    else matrices[name] = loadMatrix(heap, sections, role === 'embedding' ? 'lookup' : 'product', fast)
  }
  return { config, matrices, vectors }
}

/** A layer's state, [rows, n] each. */
export interface State {
  readonly h: Rows
  readonly c: Rows
}

/** An LSTM's parameters. */
export interface Lstm {
  readonly input: Matrix
  readonly recurrent: Matrix
  readonly bias: number
  readonly units: number
}

export class PackedNetwork implements TranslationNetwork {
  readonly scratch: Scratch
  /** Of first layers, by their bias: what words are to them, where that is worth remembering. */
  readonly #wordGates = new Map<number, WordGates>()

  constructor(
    readonly heap: Heap,
    readonly kernels: Kernels,
    readonly weights: NetworkWeights,
  ) {
    const products = lstmParameters(weights.config).filter(({ role }) => role === 'matrix')
    this.scratch = createScratch(
      heap,
      products.map(({ name }) => weights.matrices[name]),
    )
  }

  get targetVocabularySize(): number {
    return this.weights.config.targetVocabulary
  }

  matrix(name: string): Matrix {
    return this.weights.matrices[name]
  }

  embedding(side: 'source' | 'target'): Matrix {
    return this.matrix(LSTM_PARAMETERS.embedding[side])
  }

  lstm(...layer: Parameters<typeof lstmLayerNames>): Lstm {
    const names = lstmLayerNames(...layer)
    const recurrent = this.matrix(names.recurrent)
    return {
      input: this.matrix(names.input),
      recurrent,
      bias: this.weights.vectors[names.bias],
      units: recurrent.columns,
    }
  }

  /** What words are to a layer that reads nothing but an embedding; nothing where that is not to be remembered. */
  wordGates(embedding: Matrix, layer: Lstm): WordGates | undefined {
    if (layer.input.kind !== 'blocks' || layer.input.columns !== embedding.columns) return undefined
    let gates = this.#wordGates.get(layer.bias)
    if (!gates) {
      gates = new WordGates(this, embedding, layer)
      this.#wordGates.set(layer.bias, gates)
    }
    return gates
  }

  multiply(terms: readonly Term[], y: RowsView, options?: { bias?: number; add?: boolean }): void {
    multiply(this.kernels, terms, y, this.scratch, options)
  }

  /** Words as their embeddings, [words, features]. */
  embed(embedding: Matrix, words: Int32Array, features = embedding.columns): Rows {
    const x = new Rows(this.heap, features, words.length, { clear: true })
    words.forEach((word, row) => {
      embed(this.kernels, embedding, word, x.row(row))
    })
    return x
  }

  /** A layer's state becomes the next one. @param z gates [rows, 4 units] @param mask where it says which rows do so */
  cell({ units }: Lstm, z: RowsView, { h, c }: State, mask = 0): void {
    this.kernels.lstmCell(z.at, z.stride, c.at, h.at, h.stride, units, z.rows, mask)
  }

  async encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch> {
    return new Encoder(this, sources).run()
  }
}
