/** A packed model's network, as beam search sees it: the encoder, and one step of the decoder. */
import type { Heap } from '../kernels/heap.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { PackedReader } from '../packed/format.ts'
import type { NetworkShape } from '../packed/model.ts'
import { unpackTensor } from '../packed/tensor.ts'
import type { DecoderBatch, StepInput, StepOutput, TranslationNetwork } from '../search/decoder.ts'
import { EOS } from '../text/vocabulary.ts'
import type { FastDecoder } from './fast-decoder.ts'
import {
  createScratch,
  embed,
  loadMatrix,
  loadVector,
  type Matrix,
  multiply,
  multiplyPanel,
  type Scratch,
} from './matrix.ts'
import { lanesFor, Panels } from './panels.ts'

/** A network's weights in memory: plain data, so that threads that share the memory can share them. */
export interface NetworkWeights {
  readonly shape: NetworkShape
  readonly matrices: Readonly<Record<string, Matrix>>
  /** Where vectors are: biases, and the vector of concat attention. */
  readonly vectors: Readonly<Record<string, number>>
}

/** Reads the tensors of a file, one after the other. @throws PackedFileError */
export async function loadWeights(
  heap: Heap,
  shape: NetworkShape,
  file: PackedReader,
  fast?: FastDecoder,
): Promise<NetworkWeights> {
  const matrices: Record<string, Matrix> = {}
  const vectors: Record<string, number> = {}
  for (const entry of file.header.tensors) {
    const sections = await file.tensor(entry)
    if (entry.shape.length === 1 || entry.name === 'attention.score.vector')
      vectors[entry.name] = loadVector(heap, unpackTensor(sections).data)
    else matrices[entry.name] = loadMatrix(heap, sections, fast)
  }
  return { shape, matrices, vectors }
}

/** A layer's state, [rows, n] each. */
interface State {
  readonly h: Panels
  readonly c: Panels
}

/** An LSTM's parameters. */
interface Lstm {
  readonly input: Matrix
  readonly recurrent: Matrix
  readonly bias: number
  readonly units: number
}

export class PackedNetwork implements TranslationNetwork {
  readonly scratch: Scratch

  constructor(
    readonly heap: Heap,
    readonly kernels: Kernels,
    readonly weights: NetworkWeights,
  ) {
    const columns = Math.max(...Object.values(weights.matrices).map(m => m.columns))
    this.scratch = createScratch(heap, columns)
  }

  get targetVocabularySize(): number {
    return this.weights.shape.targetVocabulary
  }

  matrix(name: string): Matrix {
    return this.weights.matrices[name]
  }

  lstm(prefix: string, suffix: string): Lstm {
    const { matrices, vectors } = this.weights
    const recurrent = matrices[`${prefix}.weight_hh_${suffix}`]
    return {
      input: matrices[`${prefix}.weight_ih_${suffix}`],
      recurrent,
      bias: vectors[`${prefix}.bias_${suffix}`],
      units: recurrent.columns,
    }
  }

  multiply(m: Matrix, x: Panels, y: Panels, options?: { bias?: number; add?: boolean }): void {
    multiply(this.kernels, m, x, y, this.scratch, options)
  }

  /** One step of a layer: the state becomes the next one. @param z [rows, 4 units], overwritten */
  cell(layer: Lstm, x: Panels, { h, c }: State, z: Panels, masks?: readonly number[]): void {
    this.multiply(layer.input, x, z, { bias: layer.bias })
    this.multiply(layer.recurrent, h, z, { add: true })
    for (let p = 0; p < h.count; p++)
      this.kernels.lstmCell(z.panel(p), c.panel(p), h.panel(p), layer.units, h.lanes, masks?.[p] ?? 0)
  }

  async encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch> {
    return new Encoder(this, sources).run()
  }
}

/** The encoder over a batch: sentences end together, so shorter ones begin later. */
class Encoder {
  readonly rows: number
  readonly time: number
  /** Of each step, where it says of each panel which of its sentences have begun; nothing where all have. */
  readonly #masks: (readonly number[] | undefined)[] = []
  #maskMemory = 0

  constructor(
    readonly network: PackedNetwork,
    readonly sources: readonly (readonly number[])[],
  ) {
    this.rows = sources.length
    this.time = Math.max(...sources.map(s => s.length)) + 1
  }

  run(): DecoderBatch {
    const { heap, weights } = this.network
    const { layers, hidden, bidirectional } = weights.shape
    this.#layOutMasks()
    let x = this.#embed()
    const states: State[] = []
    for (let l = 0; l < layers; l++) {
      const out = Array.from(x, () => new Panels(heap, hidden, this.rows))
      const last = { h: new Panels(heap, hidden, this.rows), c: new Panels(heap, hidden, this.rows) }
      this.#direction(this.network.lstm('encoder', `l${l}`), x, out, last, 0)
      if (bidirectional) this.#direction(this.network.lstm('encoder', `l${l}_reverse`), x, out, last, hidden / 2)
      for (const panels of x) panels.free()
      x = out
      states.push(last)
    }
    const memory = weights.shape.attention === 'none' ? [] : this.#remember(x)
    for (const panels of x) panels.free()
    heap.free(this.#maskMemory)
    return new PackedBatch(this.network, states, memory, this.time)
  }

  /** Which step reads a word of a sentence, and `</s>` behind them. */
  #stepOf(sentence: number, position: number): number {
    const { length } = this.sources[sentence]
    const reversed = this.network.weights.shape.reverseSource && position < length
    return this.time - 1 - length + (reversed ? length - 1 - position : position)
  }

  #layOutMasks(): void {
    const { heap } = this.network
    const lanes = lanesFor(this.rows)
    const count = Math.ceil(this.rows / lanes)
    const begins = this.sources.map(s => this.time - 1 - s.length)
    const partial = Math.max(...begins)
    this.#maskMemory = heap.allocate(4 * partial * count * lanes)
    const marks = heap.integers(this.#maskMemory, partial * count * lanes).fill(0)
    for (let t = 0; t < this.time; t++) {
      if (t >= partial) {
        this.#masks.push(undefined)
        continue
      }
      begins.forEach((begin, row) => {
        marks[t * count * lanes + row] = Number(t >= begin)
      })
      this.#masks.push(Array.from({ length: count }, (_, p) => this.#maskMemory + 4 * (t * count + p) * lanes))
    }
  }

  /** The words of each step. */
  #embed(): Panels[] {
    const { heap, kernels, weights } = this.network
    const matrix = this.network.matrix('source_embedding.weight')
    const x = Array.from({ length: this.time }, () => new Panels(heap, weights.shape.embedding, this.rows))
    this.sources.forEach((words, row) => {
      for (let position = 0; position <= words.length; position++) {
        const panels = x[this.#stepOf(row, position)]
        embed(kernels, matrix, words[position] ?? EOS, panels.lane(row), panels.lanes)
      }
    })
    return x
  }

  /** One direction of a layer; its states are written to features from `feature` on, backwards where that is not 0. */
  #direction(layer: Lstm, x: readonly Panels[], out: readonly Panels[], last: State, feature: number): void {
    const { heap } = this.network
    const state = { h: new Panels(heap, layer.units, this.rows), c: new Panels(heap, layer.units, this.rows) }
    const z = new Panels(heap, 4 * layer.units, this.rows, { clear: false })
    for (let i = 0; i < this.time; i++) {
      const t = feature === 0 ? i : this.time - 1 - i
      this.network.cell(layer, x[t], state, z, this.#masks[t])
      out[t].take(state.h, feature)
    }
    last.h.take(state.h, feature)
    last.c.take(state.c, feature)
    for (const panels of [state.h, state.c, z]) panels.free()
  }

  /** What the decoder attends to. @param top the top layer's states of each step */
  #remember(top: readonly Panels[]): Memory[] {
    const { heap, kernels, weights } = this.network
    const { hidden, attention } = weights.shape
    const size = 4 * rowSize(hidden)
    const memory = this.sources.map(words => {
      const bytes = size * (words.length + 1)
      const states = heap.allocate(bytes)
      const keys = attention === 'dot' ? states : heap.allocate(bytes)
      for (const at of new Set([states, keys])) heap.bytes(at, bytes).fill(0)
      return { states, keys, positions: words.length + 1 }
    })
    const copyRows = (from: readonly Panels[], to: 'states' | 'keys') =>
      memory.forEach((m, row) => {
        for (let position = 0; position < m.positions; position++) {
          const panels = from[this.#stepOf(row, position)]
          kernels.copyLane(panels.lane(row), panels.lanes, m[to] + position * size, 1, hidden)
        }
      })
    copyRows(top, 'states')
    if (attention === 'dot') return memory
    const score = this.network.matrix('attention.score.weight')
    // Of concat's matrix the second half is the source's.
    const wide = attention === 'concat' ? new Panels(heap, 2 * hidden, this.rows) : undefined
    const keys = top.map(states => {
      wide?.take(states, hidden)
      const found = new Panels(heap, hidden, this.rows)
      this.network.multiply(score, wide ?? states, found)
      return found
    })
    copyRows(keys, 'keys')
    for (const panels of [...keys, ...(wide ? [wide] : [])]) panels.free()
    return memory
  }
}

/** A sentence's states and keys, rows of {@link rowSize} numbers. */
interface Memory {
  readonly states: number
  readonly keys: number
  readonly positions: number
}

/** Attention reads rows four numbers at a time. */
const rowSize = (n: number) => Math.ceil(n / 4) * 4

class PackedBatch implements DecoderBatch {
  /** What the rows of the step before carry on. */
  #states: State[]
  #fed: Panels | undefined

  constructor(
    readonly network: PackedNetwork,
    states: State[],
    public memory: Memory[],
    readonly sourceLength: number,
  ) {
    this.#states = states
    const { inputFeeding, hidden } = network.weights.shape
    if (inputFeeding) this.#fed = new Panels(network.heap, hidden, states[0].h.rows)
  }

  async step({ tokens, parents, width, count, attention }: StepInput): Promise<StepOutput> {
    const { heap, weights } = this.network
    const { layers, hidden, embedding } = weights.shape
    const rows = tokens.length
    this.#follow(parents)
    const x = new Panels(heap, embedding + (this.#fed ? hidden : 0), rows)
    this.#read(tokens, x)
    if (this.#fed) x.take(this.#fed, embedding)
    const z = new Panels(heap, 4 * hidden, rows, { clear: false })
    for (let l = 0; l < layers; l++)
      this.network.cell(this.network.lstm('decoder', `l${l}`), l === 0 ? x : this.#states[l - 1].h, this.#states[l], z)
    x.free()
    z.free()
    const top = this.#states[layers - 1].h
    const alignment = attention && this.memory.length > 0 ? new Float32Array(rows * this.sourceLength) : undefined
    const seen = this.memory.length > 0 ? this.#attend(top, width, alignment) : top
    const best = this.#predict(seen, count)
    if (this.#fed) {
      this.#fed.free()
      this.#fed = seen
    } else if (seen !== top) seen.free()
    return { ...best, attention: alignment, sourceLength: this.sourceLength }
  }

  /** The states of the rows' parents become the rows'. */
  #follow(parents: Int32Array): void {
    const moved = (from: Panels) => {
      const to = new Panels(this.network.heap, from.features, parents.length)
      parents.forEach((parent, row) => {
        this.network.kernels.copyLane(from.lane(parent), from.lanes, to.lane(row), to.lanes, from.features)
      })
      from.free()
      return to
    }
    this.#states = this.#states.map(({ h, c }) => ({ h: moved(h), c: moved(c) }))
    if (this.#fed) this.#fed = moved(this.#fed)
  }

  #read(tokens: Int32Array, x: Panels): void {
    const matrix = this.network.matrix('target_embedding.weight')
    tokens.forEach((token, row) => {
      embed(this.network.kernels, matrix, token, x.lane(row), x.lanes)
    })
  }

  /** The attentional states h~ = tanh(Wc [c; h]). */
  #attend(top: Panels, width: number, alignment: Float32Array | undefined): Panels {
    const { heap, kernels, weights } = this.network
    const { hidden, attention } = weights.shape
    const both = new Panels(heap, 2 * hidden, top.rows)
    const query = attention === 'concat' ? this.#projected(top, both) : top
    both.take(top, hidden)
    const size = rowSize(hidden)
    const row = heap.allocate(8 * size)
    heap.floats(row, size).fill(0)
    const shares = heap.allocate(4 * this.sourceLength)
    const vector = weights.vectors['attention.score.vector'] ?? 0
    for (let r = 0; r < top.rows; r++) {
      const { states, keys, positions } = this.memory[Math.floor(r / width)]
      kernels.copyLane(query.lane(r), query.lanes, row, 1, hidden)
      kernels.attend(row, keys, states, positions, size, vector, shares, row + 4 * size)
      kernels.copyLane(row + 4 * size, 1, both.lane(r), both.lanes, hidden)
      alignment?.set(heap.floats(shares, positions), r * this.sourceLength)
    }
    heap.free(row)
    heap.free(shares)
    if (query !== top) query.free()
    const combined = new Panels(heap, hidden, top.rows)
    this.network.multiply(this.network.matrix('attention.combine.weight'), both, combined)
    both.free()
    kernels.tanhAll(combined.at, combined.bytes / 4)
    return combined
  }

  /** concat: the decoder's half of the matrix times its states. @param wide [rows, 2n], its second half zero */
  #projected(top: Panels, wide: Panels): Panels {
    const found = new Panels(this.network.heap, top.features, top.rows)
    wide.take(top)
    this.network.multiply(this.network.matrix('attention.score.weight'), wide, found)
    return found
  }

  /** The best next tokens of each row. */
  #predict(seen: Panels, count: number): { ids: Int32Array; logProbabilities: Float32Array } {
    const { heap, kernels, scratch, weights } = this.network
    const matrix = this.network.matrix('softmax.weight')
    const { rows, lanes } = seen
    const logits = heap.allocate(4 * matrix.rows * lanes)
    const [ids, scores] = [heap.allocate(4 * count * lanes), heap.allocate(4 * count * lanes)]
    const best = { ids: new Int32Array(rows * count), logProbabilities: new Float32Array(rows * count) }
    for (let p = 0; p < seen.count; p++) {
      const x = { at: seen.panel(p), lanes, rows: seen.rowsOf(p) }
      multiplyPanel(kernels, matrix, x, logits, scratch, { bias: weights.vectors['softmax.bias'] })
      kernels.topTokens(logits, matrix.rows, lanes, count, ids, scores)
      best.ids.set(heap.integers(ids, count * x.rows), p * lanes * count)
      best.logProbabilities.set(heap.floats(scores, count * x.rows), p * lanes * count)
    }
    for (const at of [logits, ids, scores]) heap.free(at)
    return best
  }

  keep(sentences: Int32Array): void {
    if (this.memory.length === 0) return
    const kept = Array.from(sentences, i => this.memory[i])
    const still = new Set(kept)
    for (const memory of this.memory) if (!still.has(memory)) this.#forget(memory)
    this.memory = kept
  }

  #forget({ states, keys }: Memory): void {
    for (const at of new Set([states, keys])) this.network.heap.free(at)
  }

  dispose(): void {
    for (const memory of this.memory) this.#forget(memory)
    for (const { h, c } of this.#states) {
      h.free()
      c.free()
    }
    this.#fed?.free()
  }
}
