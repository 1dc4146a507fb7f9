/** The values of a network's parameters: how they start, and by weight class. What they are, its architecture says. */
import { Random, type SparsePattern } from '@espalier/engine'
import { type ParameterSpec, parameterSpecs } from '@espalier/runtime/architectures'
import { sizeOf } from '@espalier/runtime/packed'
import type { NetworkConfig } from '../configuration/network.ts'
import { RANDOM_STREAMS } from '../random-streams.ts'

/** The values of a network's parameters, by name. */
export type Parameters = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>

/**
 * Parameters of which kept values alone exist, with the blocks that they are kept in. The pattern of each is called as the
 * parameter is.
 */
export type SparseParameters = ReadonlyMap<string, readonly [rows: number, columns: number]>

/** Which of some arrays are kept values alone. */
export function sparseParameters(
  parameters: ReadonlyMap<string, { readonly pattern?: SparsePattern }>,
): SparseParameters {
  return new Map([...parameters].flatMap(([name, { pattern }]) => (pattern ? [[name, pattern.block] as const] : [])))
}

/** Parameters uniform in [-initialisation, initialisation]; the same seed gives the same ones. */
export function initialParameters(model: NetworkConfig, seed: number): Parameters {
  const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>()
  parameterSpecs(model).forEach(({ name, shape }, i) => {
    const data = new Float32Array(sizeOf(shape))
    new Random(seed, RANDOM_STREAMS.initialisation, i).fillUniform(data, -model.initialisation, model.initialisation)
    parameters.set(name, { shape, data })
  })
  return parameters
}

/** The prunable tensors by weight class, in the order of their specs. */
export function weightClasses(specs: readonly ParameterSpec[], parameters: Parameters) {
  const classes = new Map<string, { name: string; shape: readonly number[]; data: Float32Array }[]>()
  for (const { name, shape, weightClass } of specs) {
    if (!weightClass) continue
    const tensors = classes.get(weightClass) ?? []
    const parameter = parameters.get(name)
    if (!parameter) throw new RangeError(`there is no parameter ${name}`)
    tensors.push({ name, shape, data: parameter.data })
    classes.set(weightClass, tensors)
  }
  return [...classes].map(([name, tensors]) => ({ name, tensors }))
}
