/**
 * The programs of a training step. A step has two phases: gradients of batches are summed, then one update applies the sums.
 * Where nothing comes between them, the last batch's gradient and the update are one program, which saves writing the
 * gradients and reading them again.
 */
import {
  abs,
  add,
  type Backend,
  cast,
  constant,
  type DType,
  div,
  gradients,
  input,
  inputLike,
  minimum,
  mul,
  neg,
  type Program,
  sqrt,
  sumSquare,
  type Tensor,
} from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import { batchInputs } from '../network/batch-inputs.ts'
import { Network } from '../network/network.ts'
import type { SparseParameters } from '../network/parameters.ts'
import type { ImportanceKind } from '../pruning/scores.ts'
import { OPTIMIZERS, type OptimizerName } from './optimizers/registry.ts'

export interface StepOptions {
  readonly optimizer: OptimizerName
  /** The global norm that gradients are clipped to. */
  readonly maxGradientNorm: number
  readonly labelSmoothing: number
  /** Parameters that have a mask: their gradients are multiplied with it. Sparse ones need none. */
  readonly masked: ReadonlySet<string>
  /**
   * Parameters of which kept values alone exist; so it is with their gradients, sums, scores and the optimiser's state.
   * Default: none.
   */
  readonly sparse?: SparseParameters
  /** Batches whose gradients are summed for one update. */
  readonly accumulation: number
  /** Importance scores that each update adds to, for parameters of two axes or more. */
  readonly gather?: ImportanceKind
  /** Whether something is done with the summed gradients before the update: then the phases are programs of their own. */
  readonly separate?: boolean
  /** Of parameters and gradients; default: float32, and float64 in checks. */
  readonly dtype?: DType
}

export const maskName = (parameter: string) => `mask/${parameter}`
export const sumName = (parameter: string) => `sum/${parameter}`
export const scoreName = (parameter: string) => `score/${parameter}`

/** The compiled programs; those that a step has no use for are left out. */
export interface StepPrograms {
  /** Adds the gradients of a batch to the sums. Inputs: a batch. Outputs: `negativeLogLikelihood`. */
  readonly gradient?: Program
  /** Applies the sums. Inputs: `scale`, `rate`. Outputs: `norm`. */
  readonly update?: Program
  /** Adds the gradients of the last batch and applies the sums. Inputs and outputs: those of both. */
  readonly fused?: Program
}

/** Compiles a training step of a network. The caller releases the programs. */
export async function compileStep(backend: Backend, model: NetworkConfig, options: StepOptions): Promise<StepPrograms> {
  const { separate = false } = options
  const batch = batchGradients(model, options)
  const { negativeLogLikelihood } = batch
  const sums = new Map([...batch.gradients].map(([name, g]) => [name, inputLike(sumName(name), g)]))
  const totals = new Map([...batch.gradients].map(([name, g]) => [name, add(sumOf(sums, name), g)]))
  const programs: { -readonly [K in keyof StepPrograms]: StepPrograms[K] } = {}
  try {
    if (separate || options.accumulation > 1) {
      const updates = Object.fromEntries([...totals].map(([name, g]) => [sumName(name), g]))
      programs.gradient = await backend.compile({ outputs: { negativeLogLikelihood }, updates })
    }
    if (separate) {
      const { norm, updates } = applyGradients(batch.parameters, sums, options)
      programs.update = await backend.compile({ outputs: { norm }, updates })
    } else {
      const applied = options.accumulation > 1 ? totals : batch.gradients
      const { norm, updates } = applyGradients(batch.parameters, applied, options)
      programs.fused = await backend.compile({ outputs: { negativeLogLikelihood, norm }, updates })
    }
    return programs
  } catch (error) {
    await releaseStep(programs)
    throw error
  }
}

export async function releaseStep({ gradient, update, fused }: StepPrograms): Promise<void> {
  await Promise.all([gradient?.release(), update?.release(), fused?.release()])
}

function sumOf(sums: ReadonlyMap<string, Tensor>, name: string): Tensor {
  const sum = sums.get(name)
  if (!sum) throw new Error(`no gradient of ${name}`)
  return sum
}

/** The loss of a batch and the gradients of its sum over the batch, multiplied with the masks, by parameter. */
function batchGradients(model: NetworkConfig, options: StepOptions) {
  const network = new Network(model, { training: true, dtype: options.dtype, sparse: options.sparse })
  const { source, targetInput, labels } = batchInputs()
  const { loss, negativeLogLikelihood } = network.loss(
    source,
    targetInput,
    cast(labels, 'int64'),
    options.labelSmoothing,
  )
  const { parameters } = network
  const names = [...parameters.keys()]
  const masked = gradients(loss, [...parameters.values()]).map((g, i): [string, Tensor] => {
    if (!g) throw new Error(`the loss does not depend on ${names[i]}`)
    const masked = options.masked.has(names[i]) && !g.sparse
    return [names[i], masked ? mul(g, inputLike(maskName(names[i]), g)) : g]
  })
  return { parameters, gradients: new Map(masked), negativeLogLikelihood }
}

/** Clips the summed gradients and updates parameters, the optimiser's state and importance scores. */
function applyGradients(
  parameters: ReadonlyMap<string, Tensor>,
  sums: ReadonlyMap<string, Tensor>,
  options: StepOptions,
): { norm: Tensor; updates: Record<string, Tensor> } {
  const { factor, norm } = clip(
    [...sums.values()],
    input('scale', options.dtype ?? 'float32', []),
    options.maxGradientNorm,
  )
  const rate = input('rate', options.dtype ?? 'float32', [])
  const updates: Record<string, Tensor> = {}
  for (const [name, parameter] of parameters) {
    const gradient = sumOf(sums, name)
    const { next, step, state } = OPTIMIZERS[options.optimizer].update({ name, parameter, gradient, factor, rate })
    Object.assign(updates, { [name]: next }, state)
    if (!hasScores(options, parameter.shape)) continue
    // The parameter is written over, so its value before the update is computed back from the value after it.
    const increment = importanceIncrement(options.gather, mul(gradient, factor), add(next, step))
    updates[scoreName(name)] = add(inputLike(scoreName(name), parameter), increment)
  }
  return { norm, updates }
}

/**
 * The factor that brings gradients to a global norm of at most `limit` (Pascanu, Mikolov & Bengio 2013).
 * @param scale what the gradients are multiplied with before (1 / sentences of the update)
 * @returns the factor, `scale` included, and the norm of the scaled gradients before clipping
 */
export function clip(gradients: readonly Tensor[], scale: Tensor, limit: number): { factor: Tensor; norm: Tensor } {
  const norm = mul(sqrt(gradients.map(sumSquare).reduce((a, b) => add(a, b))), scale)
  return { factor: mul(scale, minimum(div(constant(limit, norm.dtype), add(norm, 1e-12)), 1)), norm }
}

function hasScores(
  options: StepOptions,
  shape: readonly unknown[],
): options is StepOptions & { gather: ImportanceKind } {
  return options.gather !== undefined && shape.length > 1
}

/**
 * What an update adds to a weight's importance: |g·w| (first-order Taylor, Molchanov et al. 2017) or -g·w (movement, Sanh,
 * Wolf & Rush 2020), for the clipped mean gradient g and the weight w before the update.
 */
function importanceIncrement(kind: ImportanceKind, gradient: Tensor, weight: Tensor): Tensor {
  const product = mul(gradient, weight)
  return kind === 'taylor' ? abs(product) : neg(product)
}

/**
 * The arrays that a step keeps beside the parameters, by name: the parameter that each belongs to, whose shape (and pattern,
 * if it is sparse) it has. They are zero at first.
 */
export interface StepArrays {
  /** The optimiser's state and the importance scores: they belong into a checkpoint. */
  readonly state: ReadonlyMap<string, string>
  /** Gradients summed for the next update; empty where a step has one batch and one program. */
  readonly sums: ReadonlyMap<string, string>
}

/** Which arrays a step needs for parameters of these shapes. */
export function stepArrays(
  parameters: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  options: StepOptions,
): StepArrays {
  const state = new Map<string, string>()
  const sums = new Map<string, string>()
  for (const [name, { shape }] of parameters) {
    for (const key of OPTIMIZERS[options.optimizer].stateNames(name)) state.set(key, name)
    if (hasScores(options, shape)) state.set(scoreName(name), name)
    if (options.separate || options.accumulation > 1) sums.set(sumName(name), name)
  }
  return { state, sums }
}
