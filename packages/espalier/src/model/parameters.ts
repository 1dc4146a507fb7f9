/** A network's parameters: names, shapes, weight classes, initial values. */
import { Random } from '@espalier/engine'
import type { ModelConfiguration } from './configuration.ts'

/** One tensor of a network. */
export interface ParameterSpec {
  /** PyTorch's names where it has one: `encoder.weight_ih_l0` is [4n, input], gates in the order i, f, g, o. */
  readonly name: string
  readonly shape: readonly number[]
  /** The weight class it belongs to; undefined for biases, which are never pruned and are counted apart. */
  readonly weightClass?: string
}

/** The values of a network's parameters, by name. */
export type Parameters = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>

/**
 * Every parameter of a network, in a fixed order. The classes are the paper's (See, Luong & Manning 2016, section 3.2):
 * `source-embedding`, `target-embedding`, `source-layer-1..N`, `target-layer-1..N`, `attention`, `softmax`.
 */
export function parameterSpecs(model: ModelConfiguration): ParameterSpec[] {
  const { hidden: n, embedding: e, layers, attention } = model
  const specs: ParameterSpec[] = [
    { name: 'source_embedding.weight', shape: [model.sourceVocabulary, e], weightClass: 'source-embedding' },
    { name: 'target_embedding.weight', shape: [model.targetVocabulary, e], weightClass: 'target-embedding' },
  ]
  const lstm = (prefix: string, suffix: string, input: number, units: number, weightClass: string) =>
    specs.push(
      { name: `${prefix}.weight_ih_${suffix}`, shape: [4 * units, input], weightClass },
      { name: `${prefix}.weight_hh_${suffix}`, shape: [4 * units, units], weightClass },
      { name: `${prefix}.bias_${suffix}`, shape: [4 * units] },
    )
  for (let l = 0; l < layers; l++) {
    const input = l === 0 ? e : n
    const units = model.bidirectional ? n / 2 : n
    lstm('encoder', `l${l}`, input, units, `source-layer-${l + 1}`)
    if (model.bidirectional) lstm('encoder', `l${l}_reverse`, input, units, `source-layer-${l + 1}`)
  }
  for (let l = 0; l < layers; l++) {
    const input = l === 0 ? e + (model.inputFeeding ? n : 0) : n
    lstm('decoder', `l${l}`, input, n, `target-layer-${l + 1}`)
  }
  const attentionWeight = (name: string, shape: number[]) =>
    specs.push({ name: `attention.${name}`, shape, weightClass: 'attention' })
  if (attention === 'general') attentionWeight('score.weight', [n, n])
  if (attention === 'concat') {
    attentionWeight('score.weight', [n, 2 * n])
    attentionWeight('score.vector', [n, 1])
  }
  if (attention !== 'none') attentionWeight('combine.weight', [n, 2 * n])
  specs.push(
    { name: 'softmax.weight', shape: [model.targetVocabulary, n], weightClass: 'softmax' },
    { name: 'softmax.bias', shape: [model.targetVocabulary] },
  )
  return specs
}

/** Stream of the random numbers that parameters start from; dropout masks have the streams from 1000. */
const INITIALISATION_STREAM = 1

/** Parameters uniform in [-initialisation, initialisation]; the same seed gives the same ones. */
export function initialParameters(model: ModelConfiguration, seed: number): Parameters {
  const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  parameterSpecs(model).forEach(({ name, shape }, i) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
    new Random(seed, INITIALISATION_STREAM, i).fillUniform(data, -model.initialisation, model.initialisation)
    parameters.set(name, { shape, data })
  })
  return parameters
}

/** The prunable tensors, gathered by weight class, in order. */
export function weightClasses(specs: readonly ParameterSpec[], parameters: Parameters) {
  const classes = new Map<string, { name: string; shape: readonly number[]; data: Float32Array }[]>()
  for (const { name, shape, weightClass } of specs) {
    if (!weightClass) continue
    const tensors = classes.get(weightClass) ?? []
    tensors.push({ name, shape, data: parameters.get(name)!.data })
    classes.set(weightClass, tensors)
  }
  return [...classes].map(([name, tensors]) => ({ name, tensors }))
}
