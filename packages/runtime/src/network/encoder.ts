/** The encoder of a packed model's network. */
import { LSTM_PARAMETERS } from '../architectures/lstm/parameters.ts'
import { EOS } from '../text/vocabulary.ts'
import { type Memory, PackedBatch } from './decoder.ts'
import type { PackedNetwork, State } from './network.ts'
import { Rows } from './rows.ts'
import type { DecoderBatch } from './translation-network.ts'

/** Rows whose input to a layer is computed at once, however many steps of the encoder they are of. */
const ROWS_AHEAD = 64

/** The encoder over a batch: sentences end together, so shorter ones begin later. */
export class Encoder {
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
    const { layers, hidden, bidirectional, attention } = weights.config
    this.#markBeginnings()
    const states: State[] = []
    let below: Rows | undefined
    for (let l = 0; l < layers; l++) {
      const out = new Rows(heap, hidden, this.time * this.rows)
      const last = { h: new Rows(heap, hidden, this.rows), c: new Rows(heap, hidden, this.rows) }
      this.#direction(l, 'forward', below, out, last)
      if (bidirectional) this.#direction(l, 'backward', below, out, last)
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
    const reversed = this.network.weights.config.reverseSource && position < length
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
   * One direction of a layer. The forward one writes the first features of the output, the backward one the others.
   * @param below [time, rows, features]: what the layer below wrote; none below the first @param out [time, rows, hidden]
   */
  #direction(index: number, direction: 'forward' | 'backward', below: Rows | undefined, out: Rows, last: State): void {
    const { heap } = this.network
    const { rows, time, words } = this
    const layer = this.network.lstm('source', index, direction)
    const feature = direction === 'forward' ? 0 : layer.units
    const embedding = this.network.embedding('source')
    const wordGates = below ? undefined : this.network.wordGates(embedding, layer)
    const x = below ?? (wordGates ? undefined : this.network.embed(embedding, words))
    const [h, c] = [0, 0].map(() => new Rows(heap, layer.units, rows, { clear: true }))
    const ahead = Math.min(time, Math.max(1, Math.floor(ROWS_AHEAD / rows)))
    const z = new Rows(heap, 4 * layer.units, ahead * rows)
    for (let done = 0; done < time; done += ahead) {
      const steps = Math.min(ahead, time - done)
      const first = direction === 'forward' ? done : time - done - steps
      const [from, count] = [first * rows, steps * rows]
      wordGates?.read(words.subarray(from, from + count), z)
      if (x)
        this.network.multiply([{ matrix: layer.input, x: x.part(from, count) }], z.part(0, count), { bias: layer.bias })
      for (let i = 0; i < steps; i++) {
        const step = direction === 'forward' ? i : steps - 1 - i
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
    const { hidden, attention } = weights.config
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
    const { hidden, attention } = weights.config
    const matrix = this.network.matrix(LSTM_PARAMETERS.attentionScore)
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
