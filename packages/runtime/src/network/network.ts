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
  type Scratch,
  type Term,
} from './matrix.ts'
import { Rows, type RowsView } from './rows.ts'
import { WordGates } from './word-gates.ts'

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
    else matrices[entry.name] = loadMatrix(heap, sections, isEmbedding(entry.name) ? 'lookup' : 'product', fast)
  }
  return { shape, matrices, vectors }
}

const isEmbedding = (name: string) => name.endsWith('_embedding.weight')

/** A layer's state, [rows, n] each. */
interface State {
  readonly h: Rows
  readonly c: Rows
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
  /** Of first layers, by their bias: what words are to them, where that is worth remembering. */
  readonly #wordGates = new Map<number, WordGates>()

  constructor(
    readonly heap: Heap,
    readonly kernels: Kernels,
    readonly weights: NetworkWeights,
  ) {
    const products = Object.entries(weights.matrices).filter(([name]) => !isEmbedding(name))
    this.scratch = createScratch(
      heap,
      products.map(([, matrix]) => matrix),
    )
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

/** Rows whose input to a layer is computed at once, however many steps of the encoder they are of. */
const ROWS_AHEAD = 64

/** The encoder over a batch: sentences end together, so shorter ones begin later. */
class Encoder {
  readonly rows: number
  readonly time: number
  readonly words: Int32Array
  /** i32 [steps before all have begun, rows]: whether a row's sentence has begun. */
  #marks = 0
  #partial = 0

  constructor(
    readonly network: PackedNetwork,
    readonly sources: readonly (readonly number[])[],
  ) {
    this.rows = sources.length
    this.time = Math.max(...sources.map(s => s.length)) + 1
    this.words = this.#layOutWords()
  }

  run(): DecoderBatch {
    const { heap, weights } = this.network
    const { layers, hidden, bidirectional, attention } = weights.shape
    this.#markBeginnings()
    const states: State[] = []
    let below: Rows | undefined
    for (let l = 0; l < layers; l++) {
      const out = new Rows(heap, hidden, this.time * this.rows)
      const last = { h: new Rows(heap, hidden, this.rows), c: new Rows(heap, hidden, this.rows) }
      this.#direction(`l${l}`, below, out, last, 0)
      if (bidirectional) this.#direction(`l${l}_reverse`, below, out, last, hidden / 2)
      below?.free()
      below = out
      states.push(last)
    }
    const memory = !below || attention === 'none' ? [] : this.#remember(below)
    below?.free()
    heap.free(this.#marks)
    return new PackedBatch(this.network, states, memory, this.time)
  }

  /** Which row of all steps' reads a word of a sentence, and `</s>` behind them. */
  #rowOf(sentence: number, position: number): number {
    const { length } = this.sources[sentence]
    const reversed = this.network.weights.shape.reverseSource && position < length
    const step = this.time - 1 - length + (reversed ? length - 1 - position : position)
    return step * this.rows + sentence
  }

  #markBeginnings(): void {
    const begins = this.sources.map(s => this.time - 1 - s.length)
    this.#partial = Math.max(...begins)
    this.#marks = this.network.heap.allocate(4 * this.#partial * this.rows)
    const marks = this.network.heap.integers(this.#marks, this.#partial * this.rows)
    for (let t = 0; t < this.#partial; t++)
      begins.forEach((begin, row) => {
        marks[t * this.rows + row] = Number(t >= begin)
      })
  }

  /** [time, rows]: the word that each row of a step reads; `</s>` where its sentence has not begun. */
  #layOutWords(): Int32Array {
    const words = new Int32Array(this.time * this.rows).fill(EOS)
    this.sources.forEach((source, sentence) => {
      source.forEach((word, position) => {
        words[this.#rowOf(sentence, position)] = word
      })
    })
    return words
  }

  /**
   * One direction of a layer; its states are written to features from `feature` on, backwards where that is not 0.
   * @param below [time, rows, features]: what the layer below wrote; none below the first @param out [time, rows, hidden]
   */
  #direction(name: string, below: Rows | undefined, out: Rows, last: State, feature: number): void {
    const { heap } = this.network
    const { rows, time, words } = this
    const layer = this.network.lstm('encoder', name)
    const embedding = this.network.matrix('source_embedding.weight')
    const wordGates = below ? undefined : this.network.wordGates(embedding, layer)
    const x = below ?? (wordGates ? undefined : this.network.embed(embedding, words))
    const [h, c] = [0, 0].map(() => new Rows(heap, layer.units, rows, { clear: true }))
    const ahead = Math.min(time, Math.max(1, Math.floor(ROWS_AHEAD / rows)))
    const z = new Rows(heap, 4 * layer.units, ahead * rows)
    for (let done = 0; done < time; done += ahead) {
      const steps = Math.min(ahead, time - done)
      const first = feature === 0 ? done : time - done - steps
      const [from, count] = [first * rows, steps * rows]
      wordGates?.read(words.subarray(from, from + count), z)
      if (x)
        this.network.multiply([{ matrix: layer.input, x: x.part(from, count) }], z.part(0, count), { bias: layer.bias })
      for (let i = 0; i < steps; i++) {
        const step = feature === 0 ? i : steps - 1 - i
        const t = first + step
        const gates = z.part(step * rows, rows)
        this.network.multiply([{ matrix: layer.recurrent, x: h }], gates, { add: true })
        this.network.cell(layer, gates, { h, c }, t < this.#partial ? this.#marks + 4 * t * rows : 0)
        out.take(h, { first: t * rows, feature })
      }
    }
    last.h.take(h, { feature })
    last.c.take(c, { feature })
    for (const used of [h, c, z]) used.free()
    if (x !== below) x?.free()
  }

  /** What the decoder attends to. @param top the top layer's states of each step */
  #remember(top: Rows): Memory[] {
    const { heap, weights } = this.network
    const { hidden, attention } = weights.shape
    const keys = attention === 'dot' ? top : this.#keys(top)
    const memory = this.sources.map((words, sentence) => {
      const positions = words.length + 1
      const copy = (from: Rows) => {
        const to = heap.allocate(4 * hidden * positions)
        const all = heap.bytes(0, heap.memory.buffer.byteLength)
        for (let position = 0; position < positions; position++) {
          const start = from.row(this.#rowOf(sentence, position))
          all.copyWithin(to + 4 * hidden * position, start, start + 4 * hidden)
        }
        return to
      }
      const states = copy(top)
      return { states, keys: keys === top ? states : copy(keys), positions }
    })
    if (keys !== top) keys.free()
    return memory
  }

  /** What queries are compared with. */
  #keys(top: Rows): Rows {
    const { heap, weights } = this.network
    const { hidden, attention } = weights.shape
    const matrix = this.network.matrix('attention.score.weight')
    const keys = new Rows(heap, hidden, top.rows)
    if (attention !== 'concat') {
      this.network.multiply([{ matrix, x: top }], keys)
      return keys
    }
    // Of concat's matrix the second half is the source's.
    const wide = new Rows(heap, 2 * hidden, top.rows, { clear: true })
    wide.take(top, { feature: hidden })
    this.network.multiply([{ matrix, x: wide }], keys)
    wide.free()
    return keys
  }
}

/** A sentence's states and keys, [positions, hidden]. */
interface Memory {
  readonly states: number
  readonly keys: number
  readonly positions: number
}

/** Rows whose next tokens are predicted at once: scores of whole vocabularies take much memory. */
const ROWS_PREDICTED = 16

class PackedBatch implements DecoderBatch {
  /** What the rows of the step before carry on. */
  #states: State[]
  #fed: Rows | undefined

  constructor(
    readonly network: PackedNetwork,
    states: State[],
    public memory: Memory[],
    readonly sourceLength: number,
  ) {
    this.#states = states
    const { inputFeeding, hidden } = network.weights.shape
    if (inputFeeding) this.#fed = new Rows(network.heap, hidden, states[0].h.rows, { clear: true })
  }

  async step({ tokens, parents, width, count, attention }: StepInput): Promise<StepOutput> {
    const { heap, weights } = this.network
    const { layers, hidden } = weights.shape
    this.#follow(parents)
    const z = new Rows(heap, 4 * hidden, tokens.length)
    let x: Rows | undefined
    for (let l = 0; l < layers; l++) {
      const layer = this.network.lstm('decoder', `l${l}`)
      const { h } = this.#states[l]
      const recurrent = { matrix: layer.recurrent, x: h }
      const wordGates = l === 0 ? this.network.wordGates(this.#embedding, layer) : undefined
      if (wordGates) {
        wordGates.read(tokens, z)
        this.network.multiply([recurrent], z, { add: true })
      } else {
        const read = x ?? this.#read(tokens)
        this.network.multiply([{ matrix: layer.input, x: read }, recurrent], z, { bias: layer.bias })
        if (read !== x) read.free()
      }
      this.network.cell(layer, z, this.#states[l])
      x = h
    }
    z.free()
    const alignment =
      attention && this.memory.length > 0 ? new Float32Array(tokens.length * this.sourceLength) : undefined
    const top = this.#states[layers - 1].h
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
    const { rows } = this.#states[0].h
    if (parents.length === rows && parents.every((parent, row) => parent === row)) return
    const moved = (from: Rows) => {
      const to = new Rows(this.network.heap, from.features, parents.length)
      to.take(from, { parents })
      from.free()
      return to
    }
    this.#states = this.#states.map(({ h, c }) => ({ h: moved(h), c: moved(c) }))
    if (this.#fed) this.#fed = moved(this.#fed)
  }

  get #embedding(): Matrix {
    return this.network.matrix('target_embedding.weight')
  }

  /** What the first layer reads: the tokens, and what is fed. */
  #read(tokens: Int32Array): Rows {
    const { embedding, hidden } = this.network.weights.shape
    const x = this.network.embed(this.#embedding, tokens, embedding + (this.#fed ? hidden : 0))
    if (this.#fed) x.take(this.#fed, { feature: embedding })
    return x
  }

  /** The attentional states h~ = tanh(Wc [c; h]). */
  #attend(top: Rows, width: number, alignment: Float32Array | undefined): Rows {
    const { heap, kernels, weights } = this.network
    const { hidden, attention } = weights.shape
    const both = new Rows(heap, 2 * hidden, top.rows)
    const query = attention === 'concat' ? this.#projected(top) : top
    both.take(top, { feature: hidden })
    const shares = heap.allocate(4 * this.sourceLength)
    const vector = weights.vectors['attention.score.vector'] ?? 0
    for (let r = 0; r < top.rows; r++) {
      const { states, keys, positions } = this.memory[Math.floor(r / width)]
      kernels.attend(query.row(r), keys, states, positions, hidden, vector, shares, both.row(r))
      alignment?.set(heap.floats(shares, positions), r * this.sourceLength)
    }
    heap.free(shares)
    if (query !== top) query.free()
    const combined = new Rows(heap, hidden, top.rows)
    this.network.multiply([{ matrix: this.network.matrix('attention.combine.weight'), x: both }], combined)
    both.free()
    kernels.tanhAll(combined.at, (combined.rows * combined.stride) / 4)
    return combined
  }

  /** concat: the decoder's half of the matrix times its states. */
  #projected(top: Rows): Rows {
    const { heap } = this.network
    const wide = new Rows(heap, 2 * top.features, top.rows, { clear: true })
    wide.take(top)
    const found = new Rows(heap, top.features, top.rows)
    this.network.multiply([{ matrix: this.network.matrix('attention.score.weight'), x: wide }], found)
    wide.free()
    return found
  }

  /** The best next tokens of each row. */
  #predict(seen: Rows, count: number): { ids: Int32Array; logProbabilities: Float32Array } {
    const { heap, kernels, weights } = this.network
    const matrix = this.network.matrix('softmax.weight')
    const { rows } = seen
    const logits = new Rows(heap, matrix.rows, Math.min(rows, ROWS_PREDICTED))
    const [ids, scores] = [heap.allocate(4 * count * rows), heap.allocate(4 * count * rows)]
    for (let first = 0; first < rows; first += ROWS_PREDICTED) {
      const some = Math.min(ROWS_PREDICTED, rows - first)
      const x = seen.part(first, some)
      this.network.multiply([{ matrix, x }], logits.part(0, some), { bias: weights.vectors['softmax.bias'] })
      for (let r = 0; r < some; r++) {
        const place = 4 * count * (first + r)
        kernels.topTokens(logits.row(r), matrix.rows, count, ids + place, scores + place)
      }
    }
    const best = {
      ids: heap.integers(ids, count * rows).slice(),
      logProbabilities: heap.floats(scores, count * rows).slice(),
    }
    logits.free()
    for (const at of [ids, scores]) heap.free(at)
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
