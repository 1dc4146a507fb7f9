/** A network of full size as beam search sees it: two programs, one that encodes and one that takes a step. */
import {
  type ArrayValue,
  compile,
  gather,
  input,
  log,
  mergeAxes,
  type Program,
  softmax,
  splitAxis,
  type Tensor,
  top,
} from '@espalier/engine'
import type { DecoderBatch, StepInput, StepOutput, TranslationNetwork } from '@espalier/runtime'
import { layOutSources } from '../corpus/batches.ts'
import type { Memory } from './attention.ts'
import type { ModelConfiguration } from './configuration.ts'
import { Network } from './network.ts'
import type { Parameters } from './parameters.ts'

const stateName = (layer: number, part: 'h' | 'c') => `${part}${layer}`

/** Compiles a model for translation. @param threads inside an operator */
export async function openNetwork(
  model: ModelConfiguration,
  parameters: Parameters,
  threads?: number,
): Promise<OnnxNetwork> {
  const encoder = await compileEncoder(model, threads)
  const decoder = await compileStep(model, threads)
  const network = new OnnxNetwork(model, encoder, decoder)
  network.bind(parameters)
  return network
}

function compileEncoder(model: ModelConfiguration, threads?: number): Promise<Program> {
  const network = new Network(model, false)
  const { states, last, present } = network.encode(input('source', 'int32', ['source', 'batch']))
  const memory = network.remember(states, present)
  const outputs: Record<string, Tensor> = {}
  last.forEach(({ h, c }, l) => {
    outputs[stateName(l, 'h')] = h
    outputs[stateName(l, 'c')] = c
  })
  if (memory) Object.assign(outputs, memory)
  return compile({ outputs, threads })
}

/** One step: rows continue the states of their parents. rows = batch × width. */
function compileStep(model: ModelConfiguration, threads?: number): Promise<Program> {
  const network = new Network(model, false)
  const n = model.hidden
  const parents = input('parents', 'int32', ['rows'])
  const previous = (name: string) => gather(input(name, 'float32', ['previous', n]), parents)
  const states = Array.from({ length: model.layers }, (_, l) => ({
    h: previous(stateName(l, 'h')),
    c: previous(stateName(l, 'c')),
  }))
  const memory: Memory | undefined =
    model.attention === 'none'
      ? undefined
      : {
          states: input('states', 'float32', ['batch', 'source', n]),
          keys: input('keys', 'float32', ['batch', 'source', n]),
          exclusion: input('exclusion', 'float32', ['batch', 1, 'source']),
        }
  const fed = model.inputFeeding && memory ? previous('fed') : undefined
  const step = network.step(input('tokens', 'int32', ['rows']), states, fed, memory, {
    group: x => splitAxis(x, 0, 'batch', 'width'),
    ungroup: x => mergeAxes(x, 0, 'rows'),
  })
  // The best tokens are found before the logarithm is taken, of them alone.
  const [probabilities, ids] = top(softmax(step.logits), input('count', 'int64', [1]))
  const outputs: Record<string, Tensor> = { ids, logProbabilities: log(probabilities) }
  step.next.forEach(({ h, c }, l) => {
    outputs[stateName(l, 'h')] = h
    outputs[stateName(l, 'c')] = c
  })
  if (fed) outputs.fed = step.attentional
  if (step.alignment) outputs.alignment = step.alignment
  return compile({ outputs, threads })
}

/** The engine's implementation of what beam search needs. */
export class OnnxNetwork implements TranslationNetwork {
  constructor(
    readonly model: ModelConfiguration,
    readonly encoder: Program,
    readonly decoder: Program,
  ) {}

  /** Translates with these parameters from now on. */
  bind(parameters: Parameters): void {
    for (const program of [this.encoder, this.decoder])
      for (const [name, value] of parameters) program.bind(name, value)
  }

  get targetVocabularySize(): number {
    return this.model.targetVocabulary
  }

  async encode(sources: readonly (readonly number[])[]): Promise<DecoderBatch> {
    const length = Math.max(...sources.map(s => s.length)) + 1
    const data = layOutSources(sources, length, this.model.reverseSource)
    const outputs = await this.encoder.run({ source: { data, shape: [length, sources.length] } })
    const lengths = sources.map(s => s.length)
    return new OnnxBatch(this, outputs, lengths, length)
  }

  async release(): Promise<void> {
    await this.encoder.release()
    await this.decoder.release()
  }
}

class OnnxBatch implements DecoderBatch {
  /** What each row carries on: the layers' states and what is fed. */
  #carried: Record<string, ArrayValue> = {}
  /** What each sentence is attended by: states, keys, exclusion. */
  #memory: Record<string, ArrayValue> = {}

  constructor(
    readonly network: OnnxNetwork,
    encoded: Record<string, ArrayValue>,
    public lengths: number[],
    readonly sourceLength: number,
  ) {
    const { states, keys, exclusion, ...carried } = encoded
    if (states) this.#memory = { states, keys, exclusion }
    this.#carried = carried
    const n = network.model.hidden
    if (network.model.inputFeeding)
      this.#carried.fed = { data: new Float32Array(lengths.length * n), shape: [lengths.length, n] }
  }

  async step({ tokens, parents, width, count, attention }: StepInput): Promise<StepOutput> {
    const rows = tokens.length
    const values: Record<string, ArrayValue> = {
      ...this.#carried,
      ...this.#memory,
      tokens: { data: tokens, shape: [rows] },
      parents: { data: parents, shape: [rows] },
      count: { data: BigInt64Array.of(BigInt(count)), shape: [1] },
    }
    const { ids, logProbabilities, alignment, ...carried } = await this.network.decoder.run(values)
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
    for (const [name, { data, shape }] of Object.entries(this.#memory)) {
      const size = data.length / shape[0]
      const kept = new Float32Array(sentences.length * size)
      sentences.forEach((from, to) => {
        kept.set((data as Float32Array).subarray(from * size, (from + 1) * size), to * size)
      })
      this.#memory[name] = { data: kept, shape: [sentences.length, ...shape.slice(1)] }
    }
    this.lengths = Array.from(sentences, i => this.lengths[i])
  }
}
