/**
 * A network as beam search sees it, driven by two programs: one encodes, one takes a step. Whatever runs them: of the
 * engine only types are used here, so this also works in a browser.
 */
import type { ArrayValue } from '@espalier/engine'
import type { DecoderBatch, StepInput, StepOutput, TranslationNetwork } from '@espalier/runtime'
import type { NetworkConfig } from '../configuration/network.ts'
import { padSources } from '../corpus/padding.ts'

/** What takes arrays by name and answers arrays by name; translation.ts says which. */
export interface NetworkProgram {
  run(values: Readonly<Record<string, ArrayValue>>): Promise<Record<string, ArrayValue>>
}

/** The two programs of a network. */
export interface NetworkPrograms<P extends NetworkProgram = NetworkProgram> {
  readonly encoder: P
  readonly decoder: P
}

/** What beam search needs, by an encoder program and a decoder program. */
export class ProgramNetwork<P extends NetworkProgram = NetworkProgram> implements TranslationNetwork {
  constructor(
    readonly model: NetworkConfig,
    readonly programs: NetworkPrograms<P>,
  ) {}

  get targetVocabularySize(): number {
    return this.model.targetVocabulary
  }

  async encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch> {
    const length = Math.max(...sources.map(s => s.length)) + 1
    const data = padSources(sources, length, this.model.reverseSource)
    const outputs = await this.programs.encoder.run({ source: { data, shape: [length, sources.length] } })
    const lengths = sources.map(s => s.length)
    return new ProgramBatch(this, outputs, lengths, length)
  }
}

class ProgramBatch implements DecoderBatch {
  /** What each row carries on: the layers' states and, with input feeding, the attentional state. */
  #carried: Record<string, ArrayValue> = {}
  /** What the decoder attends to, of each sentence: states, keys, attentionMask. */
  #attended: Record<string, ArrayValue> = {}

  constructor(
    readonly network: ProgramNetwork,
    encoded: Record<string, ArrayValue>,
    public lengths: number[],
    readonly sourceLength: number,
  ) {
    const { states, keys, attentionMask, ...carried } = encoded
    if (states) this.#attended = { states, keys, attentionMask }
    this.#carried = carried
    const n = network.model.hidden
    if (network.model.inputFeeding)
      this.#carried.inputFeed = { data: new Float32Array(lengths.length * n), shape: [lengths.length, n] }
  }

  async step({ tokens, parents, width, count, attention }: StepInput): Promise<StepOutput> {
    const rows = tokens.length
    const values: Record<string, ArrayValue> = {
      ...this.#carried,
      ...this.#attended,
      tokens: { data: tokens, shape: [rows] },
      parents: { data: parents, shape: [rows] },
      count: { data: BigInt64Array.of(BigInt(count)), shape: [1] },
    }
    const { ids, logProbabilities, alignment, ...carried } = await this.network.programs.decoder.run(values)
    this.#carried = carried
    return {
      ids: ids.data as BigInt64Array,
      logProbabilities: logProbabilities.data as Float32Array,
      attention: attention && alignment ? this.#inOrder(alignment.data as Float32Array, width) : undefined,
      sourceLength: this.sourceLength,
    }
  }

  /** Attention moved from where the network has the words (padded on the left, maybe reversed) to their own order. */
  #inOrder(alignment: Float32Array, width: number): Float32Array {
    const S = this.sourceLength
    const ordered = new Float32Array(alignment.length)
    for (let row = 0; row < alignment.length / S; row++) {
      const length = this.lengths[Math.floor(row / width)]
      const start = S - 1 - length
      for (let s = 0; s < length; s++)
        ordered[row * S + s] = alignment[row * S + start + (this.network.model.reverseSource ? length - 1 - s : s)]
      ordered[row * S + length] = alignment[row * S + S - 1]
    }
    return ordered
  }

  keep(sentences: Int32Array): void {
    for (const [name, { data, shape }] of Object.entries(this.#attended)) {
      const size = data.length / shape[0]
      const kept = new Float32Array(sentences.length * size)
      sentences.forEach((from, to) => {
        kept.set((data as Float32Array).subarray(from * size, (from + 1) * size), to * size)
      })
      this.#attended[name] = { data: kept, shape: [sentences.length, ...shape.slice(1)] }
    }
    this.lengths = Array.from(sentences, i => this.lengths[i])
  }
}
