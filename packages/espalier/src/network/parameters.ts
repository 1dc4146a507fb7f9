/** A network's parameters: names, shapes, weight classes, initial values. */
import { Random } from '@espalier/engine'
import { tensorShapes } from '@espalier/runtime/packed'
import type { NetworkConfig } from '../configuration/network.ts'

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
export function parameterSpecs(model: NetworkConfig): ParameterSpec[] {
  return [...tensorShapes(model)].map(([name, shape]) => ({ name, shape, weightClass: weightClassOf(name) }))
}

/** The weight class of a parameter; undefined for biases. */
export function weightClassOf(name: string): string | undefined {
  if (name.includes('bias')) return undefined
  const [, coder, layer] = /^(encoder|decoder)\.weight_.h_l(\d+)/u.exec(name) ?? []
  if (coder) return `${coder === 'encoder' ? 'source' : 'target'}-layer-${Number(layer) + 1}`
  return name.split('.')[0].replace('_', '-')
}

/** Stream of the random numbers that parameters start from; dropout masks have the streams from 1000. */
const INITIALISATION_STREAM = 1

/** Parameters uniform in [-initialisation, initialisation]; the same seed gives the same ones. */
export function initialParameters(model: NetworkConfig, seed: number): Parameters {
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
