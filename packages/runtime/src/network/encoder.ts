/** The encoder of an LSTM network. */
import { LSTM_PARAMETERS } from '../architectures/lstm/parameters.ts'
import { Activations } from '../kernels/activations.ts'
import { EOS } from '../text/vocabulary.ts'
import type { Layers, LstmState } from './layers.ts'

/** Rows of a layer's input that are multiplied at once, over several steps. */
const ROWS_AT_ONCE = 64

/** What the decoder attends to in one sentence: pointers to [positions, hidden] each. */
export interface AttentionSource {
  readonly states: number
  readonly keys: number
  readonly positions: number
}

/** What the decoder starts from. */
export interface Encoded {
  /** Of each layer, [sentences, hidden]. */
  readonly states: LstmState[]
  /** One a sentence; none without attention. */
  readonly sources: AttentionSource[]
  /** Words and `</s>` of the longest sentence. */
  readonly sourceLength: number
}

/** Encodes a batch of sentences, padded on the left so that all end at the same step. */
export class Encoder {
  readonly #rows: number
  readonly #steps: number
  /** i32[steps, rows] */
  readonly #words: Int32Array
  /** A pointer to i32[steps before the shortest sentence begins, rows]: 1 where a row's sentence has begun. */
  #masks = 0
  #maskedSteps = 0

  /** @param sentences token ids without `</s>` */
  constructor(
    readonly layers: Layers,
    readonly sentences: readonly (readonly number[])[],
  ) {
    this.#rows = sentences.length
    this.#steps = Math.max(...sentences.map(s => s.length)) + 1
    this.#words = this.#padWords()
  }

  run(): Encoded {
    const { heap, config } = this.layers
    this.#createMasks()
    const states: LstmState[] = []
    let input: Activations | undefined
    for (let l = 0; l < config.layers; l++) {
      const output = new Activations(heap, config.hidden, this.#steps * this.#rows)
      const [h, c] = [0, 0].map(() => new Activations(heap, config.hidden, this.#rows))
      this.#runLayer(l, 'forward', input, output, { h, c })
      if (config.bidirectional) this.#runLayer(l, 'backward', input, output, { h, c })
      input?.free()
      input = output
      states.push({ h, c })
    }
    const sources = !input || config.attention === 'none' ? [] : this.#attentionSources(input)
    input?.free()
    heap.free(this.#masks)
    return { states, sources, sourceLength: this.#steps }
  }

  /** The row of [steps, rows] that reads a word of a sentence, or the `</s>` behind its words. */
  #rowOf(sentence: number, position: number): number {
    const { length } = this.sentences[sentence]
    const reversed = this.layers.config.reverseSource && position < length
    const step = this.#steps - 1 - length + (reversed ? length - 1 - position : position)
    return step * this.#rows + sentence
  }

  #createMasks(): void {
    const begins = this.sentences.map(s => this.#steps - 1 - s.length)
    this.#maskedSteps = Math.max(...begins)
    this.#masks = this.layers.heap.allocate(4 * this.#maskedSteps * this.#rows)
    const masks = this.layers.heap.integers(this.#masks, this.#maskedSteps * this.#rows)
    for (let t = 0; t < this.#maskedSteps; t++)
      begins.forEach((begin, row) => {
        masks[t * this.#rows + row] = Number(t >= begin)
      })
  }

  #padWords(): Int32Array {
    const words = new Int32Array(this.#steps * this.#rows).fill(EOS)
    this.sentences.forEach((sentence, s) => {
      sentence.forEach((word, position) => {
        words[this.#rowOf(s, position)] = word
      })
    })
    return words
  }

  /**
   * One direction of a layer. The forward one writes the first features of `output` and `last`, the backward one the rest.
   * @param input [steps, rows, features] of the layer before; undefined for the first layer, which reads words
   * @param output [steps, rows, hidden] @param last [rows, hidden]: the state after the last step
   */
  #runLayer(
    index: number,
    direction: 'forward' | 'backward',
    input: Activations | undefined,
    output: Activations,
    last: LstmState,
  ): void {
    const { layers } = this
    const [rows, steps] = [this.#rows, this.#steps]
    const layer = layers.lstm('source', index, direction)
    const feature = direction === 'forward' ? 0 : layer.units
    const [h, c] = [0, 0].map(() => new Activations(layers.heap, layer.units, rows, { clear: true }))
    const stepsAtOnce = Math.min(steps, Math.max(1, Math.floor(ROWS_AT_ONCE / rows)))
    const z = new Activations(layers.heap, 4 * layer.units, stepsAtOnce * rows)
    const projection = this.#inputProjection(layer, input)
    for (let done = 0; done < steps; done += stepsAtOnce) {
      const count = Math.min(stepsAtOnce, steps - done)
      const first = direction === 'forward' ? done : steps - done - count
      projection.write(first * rows, count * rows, z)
      for (let i = 0; i < count; i++) {
        const step = direction === 'forward' ? i : count - 1 - i
        const t = first + step
        const gates = z.slice(step * rows, rows)
        layers.multiply([{ matrix: layer.recurrent, x: h }], gates, { add: true })
        layers.cell(layer, gates, { h, c }, t < this.#maskedSteps ? this.#masks + 4 * t * rows : 0)
        output.copyFrom(h, { first: t * rows, feature })
      }
    }
    last.h.copyFrom(h, { feature })
    last.c.copyFrom(c, { feature })
    for (const used of [h, c, z]) used.free()
    projection.free()
  }

  /** Computes a layer's input projections W·x + b for some of the rows of [steps, rows]. */
  #inputProjection(layer: ReturnType<Layers['lstm']>, input: Activations | undefined) {
    const { layers } = this
    const embedding = layers.embedding('source')
    const cache = input ? undefined : layers.inputProjections(embedding, layer)
    const x = input ?? (cache ? undefined : layers.embed(embedding, this.#words))
    return {
      write: (from: number, count: number, z: Activations): void => {
        cache?.read(this.#words.subarray(from, from + count), z)
        if (!x) return
        layers.multiply([{ matrix: layer.input, x: x.slice(from, count) }], z.slice(0, count), { bias: layer.bias })
      },
      free: (): void => {
        if (x !== input) x?.free()
      },
    }
  }

  /** @param states [steps, rows, hidden] of the last layer */
  #attentionSources(states: Activations): AttentionSource[] {
    const { heap, config } = this.layers
    const { hidden } = config
    const keys = config.attention === 'dot' ? states : this.#keys(states)
    const sources = this.sentences.map((sentence, s) => {
      const positions = sentence.length + 1
      const copy = (from: Activations) => {
        const to = heap.allocate(4 * hidden * positions)
        const all = heap.bytes(0, heap.memory.buffer.byteLength)
        for (let position = 0; position < positions; position++) {
          const start = from.row(this.#rowOf(s, position))
          all.copyWithin(to + 4 * hidden * position, start, start + 4 * hidden)
        }
        return to
      }
      const copied = copy(states)
      return { states: copied, keys: keys === states ? copied : copy(keys), positions }
    })
    if (keys !== states) keys.free()
    return sources
  }

  /** What queries are compared with: the states times the matrix of general or concat attention. */
  #keys(states: Activations): Activations {
    const { heap, config } = this.layers
    const matrix = this.layers.matrix(LSTM_PARAMETERS.attentionScore)
    const keys = new Activations(heap, config.hidden, states.rows)
    if (config.attention !== 'concat') {
      this.layers.multiply([{ matrix, x: states }], keys)
      return keys
    }
    // concat's matrix is [query, key] side by side: the query's half meets zeros.
    const wide = new Activations(heap, 2 * config.hidden, states.rows, { clear: true })
    wide.copyFrom(states, { feature: config.hidden })
    this.layers.multiply([{ matrix, x: wide }], keys)
    wide.free()
    return keys
  }
}
