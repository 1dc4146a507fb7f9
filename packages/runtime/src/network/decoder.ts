/** The decoder of an LSTM network: a batch of hypotheses, step by step. */
import { LSTM_PARAMETERS } from '../architectures/lstm/parameters.ts'
import { Activations } from '../kernels/activations.ts'
import type { SparseMatrix } from '../kernels/sparse-matrix.ts'
import type { AttentionSource, Encoded } from './encoder.ts'
import type { Layers, LstmState } from './layers.ts'
import type { DecoderBatch, StepInput, StepOutput } from './translation-network.ts'

/** Rows whose next tokens are predicted at once: logits of a whole vocabulary take much memory. */
const PREDICTED_ROWS = 16

export class LstmDecoderBatch implements DecoderBatch {
  /** The state of each layer after the previous step. */
  #states: LstmState[]
  /** With input feeding: the attentional states of the previous step. */
  #inputFeed: Activations | undefined
  #sources: AttentionSource[]
  readonly #sourceLength: number

  constructor(
    readonly layers: Layers,
    { states, sources, sourceLength }: Encoded,
  ) {
    this.#states = states
    this.#sources = sources
    this.#sourceLength = sourceLength
    const { inputFeeding, hidden } = layers.config
    if (inputFeeding) this.#inputFeed = new Activations(layers.heap, hidden, states[0].h.rows, { clear: true })
  }

  async step({ tokens, parents, width, count, attention }: StepInput): Promise<StepOutput> {
    this.#reorder(parents)
    const top = this.#runLayers(tokens)
    const hasAttention = this.#sources.length > 0
    const weights = attention && hasAttention ? new Float32Array(tokens.length * this.#sourceLength) : undefined
    const output = hasAttention ? this.#attend(top, width, weights) : top
    const best = this.#predict(output, count)
    if (this.#inputFeed) {
      this.#inputFeed.free()
      this.#inputFeed = output
    } else if (output !== top) output.free()
    return { ...best, attention: weights, sourceLength: this.#sourceLength }
  }

  /** Gives each row the state of its parent. */
  #reorder(parents: Int32Array): void {
    const { rows } = this.#states[0].h
    if (parents.length === rows && parents.every((parent, row) => parent === row)) return
    const reordered = (from: Activations) => {
      const to = new Activations(this.layers.heap, from.features, parents.length)
      to.copyFrom(from, { parents })
      from.free()
      return to
    }
    this.#states = this.#states.map(({ h, c }) => ({ h: reordered(h), c: reordered(c) }))
    if (this.#inputFeed) this.#inputFeed = reordered(this.#inputFeed)
  }

  /** One step of all layers. @returns the last one's states [rows, hidden], which the batch owns */
  #runLayers(tokens: Int32Array): Activations {
    const { layers } = this
    const z = new Activations(layers.heap, 4 * layers.config.hidden, tokens.length)
    let input: Activations | undefined
    for (const [l, state] of this.#states.entries()) {
      const layer = layers.lstm('target', l)
      const recurrent = { matrix: layer.recurrent, x: state.h }
      const cache = l === 0 ? layers.inputProjections(this.#embedding, layer) : undefined
      if (cache) {
        cache.read(tokens, z)
        layers.multiply([recurrent], z, { add: true })
      } else {
        const x = input ?? this.#firstInput(tokens)
        layers.multiply([{ matrix: layer.input, x }, recurrent], z, { bias: layer.bias })
        if (x !== input) x.free()
      }
      layers.cell(layer, z, state)
      input = state.h
    }
    z.free()
    return this.#states[this.#states.length - 1].h
  }

  get #embedding(): SparseMatrix {
    return this.layers.embedding('target')
  }

  /** The input of the first layer: embeddings, and behind them the input feed. */
  #firstInput(tokens: Int32Array): Activations {
    const { embedding, hidden } = this.layers.config
    const x = this.layers.embed(this.#embedding, tokens, embedding + (this.#inputFeed ? hidden : 0))
    if (this.#inputFeed) x.copyFrom(this.#inputFeed, { feature: embedding })
    return x
  }

  /**
   * The attentional states h~ = tanh(Wc [c; h]).
   * @param weights [rows, source length]: written
   */
  #attend(top: Activations, width: number, weights: Float32Array | undefined): Activations {
    const { heap, kernels, config } = this.layers
    const { hidden } = config
    const both = new Activations(heap, 2 * hidden, top.rows)
    const query = config.attention === 'concat' ? this.#concatQuery(top) : top
    both.copyFrom(top, { feature: hidden })
    const row = heap.allocate(4 * this.#sourceLength)
    const vector = this.layers.weights.vectors[LSTM_PARAMETERS.attentionVector] ?? 0
    for (let r = 0; r < top.rows; r++) {
      const { states, keys, positions } = this.#sources[Math.floor(r / width)]
      kernels.attend(query.row(r), keys, states, positions, hidden, vector, row, both.row(r))
      weights?.set(heap.floats(row, positions), r * this.#sourceLength)
    }
    heap.free(row)
    if (query !== top) query.free()
    const combined = new Activations(heap, hidden, top.rows)
    this.layers.multiply([{ matrix: this.layers.matrix(LSTM_PARAMETERS.attentionCombination), x: both }], combined)
    both.free()
    kernels.tanhAll(combined.pointer, (combined.rows * combined.stride) / 4)
    return combined
  }

  /** The query's half of concat's matrix times the states. */
  #concatQuery(top: Activations): Activations {
    const { heap } = this.layers
    const wide = new Activations(heap, 2 * top.features, top.rows, { clear: true })
    wide.copyFrom(top)
    const query = new Activations(heap, top.features, top.rows)
    this.layers.multiply([{ matrix: this.layers.matrix(LSTM_PARAMETERS.attentionScore), x: wide }], query)
    wide.free()
    return query
  }

  /** The most probable next tokens of each row, [rows, count]. */
  #predict(output: Activations, count: number): { ids: Int32Array; logProbabilities: Float32Array } {
    const { heap, kernels, weights } = this.layers
    const matrix = this.layers.matrix(LSTM_PARAMETERS.outputWeight)
    const bias = weights.vectors[LSTM_PARAMETERS.outputBias]
    const { rows } = output
    const logits = new Activations(heap, matrix.rows, Math.min(rows, PREDICTED_ROWS))
    const [ids, scores] = [heap.allocate(4 * count * rows), heap.allocate(4 * count * rows)]
    for (let first = 0; first < rows; first += PREDICTED_ROWS) {
      const some = Math.min(PREDICTED_ROWS, rows - first)
      this.layers.multiply([{ matrix, x: output.slice(first, some) }], logits.slice(0, some), { bias })
      for (let r = 0; r < some; r++) {
        const offset = 4 * count * (first + r)
        kernels.topTokens(logits.row(r), matrix.rows, count, ids + offset, scores + offset)
      }
    }
    const best = {
      ids: heap.integers(ids, count * rows).slice(),
      logProbabilities: heap.floats(scores, count * rows).slice(),
    }
    logits.free()
    for (const pointer of [ids, scores]) heap.free(pointer)
    return best
  }

  keep(sentences: Int32Array): void {
    if (this.#sources.length === 0) return
    const kept = Array.from(sentences, i => this.#sources[i])
    const remaining = new Set(kept)
    for (const source of this.#sources) if (!remaining.has(source)) this.#free(source)
    this.#sources = kept
  }

  #free({ states, keys }: AttentionSource): void {
    for (const pointer of new Set([states, keys])) this.layers.heap.free(pointer)
  }

  dispose(): void {
    for (const source of this.#sources) this.#free(source)
    for (const { h, c } of this.#states) {
      h.free()
      c.free()
    }
    this.#inputFeed?.free()
  }
}
