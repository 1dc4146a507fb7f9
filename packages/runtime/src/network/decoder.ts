/** The decoder of a packed model's network: a batch of hypotheses, step by step. */
import { LSTM_PARAMETERS } from '../architectures/lstm/parameters.ts'
import type { Matrix } from './matrix.ts'
import type { PackedNetwork, State } from './network.ts'
import { Rows } from './rows.ts'
import type { DecoderBatch, StepInput, StepOutput } from './translation-network.ts'

/** A sentence's states and keys, [positions, hidden]. */
export interface Memory {
  readonly states: number
  readonly keys: number
  readonly positions: number
}

/** Rows whose next tokens are predicted at once: scores of whole vocabularies take much memory. */
const ROWS_PREDICTED = 16

export class PackedBatch implements DecoderBatch {
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
    const { inputFeeding, hidden } = network.weights.config
    if (inputFeeding) this.#fed = new Rows(network.heap, hidden, states[0].h.rows, { clear: true })
  }

  async step({ tokens, parents, width, count, attention }: StepInput): Promise<StepOutput> {
    const { heap, weights } = this.network
    const { layers, hidden } = weights.config
    this.#follow(parents)
    const z = new Rows(heap, 4 * hidden, tokens.length)
    let x: Rows | undefined
    for (let l = 0; l < layers; l++) {
      const layer = this.network.lstm('target', l)
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
    return this.network.embedding('target')
  }

  /** What the first layer reads: the tokens, and what is fed. */
  #read(tokens: Int32Array): Rows {
    const { embedding, hidden } = this.network.weights.config
    const x = this.network.embed(this.#embedding, tokens, embedding + (this.#fed ? hidden : 0))
    if (this.#fed) x.take(this.#fed, { feature: embedding })
    return x
  }

  /** The attentional states h~ = tanh(Wc [c; h]). */
  #attend(top: Rows, width: number, alignment: Float32Array | undefined): Rows {
    const { heap, kernels, weights } = this.network
    const { hidden, attention } = weights.config
    const both = new Rows(heap, 2 * hidden, top.rows)
    const query = attention === 'concat' ? this.#projected(top) : top
    both.take(top, { feature: hidden })
    const shares = heap.allocate(4 * this.sourceLength)
    const vector = weights.vectors[LSTM_PARAMETERS.attentionVector] ?? 0
    for (let r = 0; r < top.rows; r++) {
      const { states, keys, positions } = this.memory[Math.floor(r / width)]
      kernels.attend(query.row(r), keys, states, positions, hidden, vector, shares, both.row(r))
      alignment?.set(heap.floats(shares, positions), r * this.sourceLength)
    }
    heap.free(shares)
    if (query !== top) query.free()
    const combined = new Rows(heap, hidden, top.rows)
    this.network.multiply([{ matrix: this.network.matrix(LSTM_PARAMETERS.attentionCombination), x: both }], combined)
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
    this.network.multiply([{ matrix: this.network.matrix(LSTM_PARAMETERS.attentionScore), x: wide }], found)
    wide.free()
    return found
  }

  /** The best next tokens of each row. */
  #predict(seen: Rows, count: number): { ids: Int32Array; logProbabilities: Float32Array } {
    const { heap, kernels, weights } = this.network
    const matrix = this.network.matrix(LSTM_PARAMETERS.outputWeight)
    const { rows } = seen
    const logits = new Rows(heap, matrix.rows, Math.min(rows, ROWS_PREDICTED))
    const [ids, scores] = [heap.allocate(4 * count * rows), heap.allocate(4 * count * rows)]
    for (let first = 0; first < rows; first += ROWS_PREDICTED) {
      const some = Math.min(ROWS_PREDICTED, rows - first)
      const x = seen.part(first, some)
      this.network.multiply([{ matrix, x }], logits.part(0, some), {
        bias: weights.vectors[LSTM_PARAMETERS.outputBias],
      })
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
