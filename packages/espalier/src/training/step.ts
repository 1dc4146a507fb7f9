/** One training step as a program: loss, gradients, clipping, update in place. */

import {
  type ArrayValue,
  abs,
  add,
  cast,
  gradients,
  input,
  mul,
  neg,
  type Program,
  type Tensor,
} from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import { compile } from '../network/backend.ts'
import { batchInputs } from '../network/batch-inputs.ts'
import { Network } from '../network/network.ts'
import type { ImportanceKind } from '../pruning/scores.ts'
import { clip, type OptimizerKind, optimizerState, update } from './optimizer.ts'

export interface StepOptions {
  readonly optimizer: OptimizerKind
  readonly maxGradientNorm: number
  readonly labelSmoothing: number
  /** Parameters that have a mask: their gradients are multiplied with it. */
  readonly masked: ReadonlySet<string>
  /** Gradients are added up over this many batches before an update. */
  readonly accumulation: number
  /** Scores that each update adds to, for parameters of two axes or more. */
  readonly gather?: ImportanceKind
  readonly threads?: number
}

const maskName = (parameter: string) => `mask/${parameter}`
const sumName = (parameter: string) => `sum/${parameter}`
const scoreName = (parameter: string) => `score/${parameter}`
const isGathered = ({ gather }: StepOptions, shape: readonly unknown[]) => gather !== undefined && shape.length > 1

/**
 * What an update adds to a weight's score: |g·w| (first-order Taylor, Molchanov et al. 2017) or -g·w (movement, Sanh,
 * Wolf & Rush 2020), for the clipped mean gradient g and the weight w before the update.
 */
function importanceIncrement(kind: ImportanceKind, gradient: Tensor, weight: Tensor): Tensor {
  const product = mul(gradient, weight)
  return kind === 'taylor' ? abs(product) : neg(product)
}

/** A training step: `update` applies the gradients at once; with accumulation, `collect` adds them up first. */
export interface TrainingPrograms {
  readonly update: Program
  readonly collect?: Program
}

/** Compiles a training step of a network. */
export async function compileTraining(model: NetworkConfig, options: StepOptions): Promise<TrainingPrograms> {
  const network = new Network(model, true)
  const { source, targetInput, labels } = batchInputs()
  const { loss, negativeLogLikelihood } = network.loss(
    source,
    targetInput,
    cast(labels, 'int64'),
    options.labelSmoothing,
  )
  const names = [...network.parameters.keys()]
  const parameters = [...network.parameters.values()]
  const found = gradients(loss, parameters).map((g, i) => {
    if (!g) throw new Error(`the loss does not depend on ${names[i]}`)
    return options.masked.has(names[i]) ? mul(g, input(maskName(names[i]), g.dtype, g.shape)) : g
  })
  const sums = parameters.map((p, i) =>
    options.accumulation > 1 ? input(sumName(names[i]), p.dtype, p.shape) : undefined,
  )
  const totals = found.map((g, i) => (sums[i] ? add(sums[i], g) : g))
  const scale = input('scale', 'float32', [])
  const rate = input('rate', 'float32', [])
  const { factor, norm } = clip(totals, scale, options.maxGradientNorm)
  const updates: Record<string, Tensor> = {}
  parameters.forEach((p, i) => {
    const { next, step, state } = update(options.optimizer, names[i], p, totals[i], factor, rate)
    Object.assign(updates, { [names[i]]: next }, state)
    if (!isGathered(options, p.shape)) return
    // The parameter is written over, so what it was is computed back from what it becomes.
    const increment = importanceIncrement(options.gather!, mul(totals[i], factor), add(next, step))
    const name = scoreName(names[i])
    updates[name] = add(input(name, p.dtype, p.shape), increment)
  })
  const { threads } = options
  return {
    update: await compile({ outputs: { negativeLogLikelihood, norm }, updates }, threads),
    collect:
      options.accumulation > 1
        ? await compile(
            {
              outputs: { negativeLogLikelihood },
              updates: Object.fromEntries(totals.map((g, i) => [sumName(names[i]), g])),
            },
            threads,
          )
        : undefined,
  }
}

/** The arrays a step works on in place, by input name. */
export function stepState(
  parameters: ReadonlyMap<string, ArrayValue>,
  options: StepOptions,
  saved: ReadonlyMap<string, ArrayValue> = new Map(),
): Map<string, ArrayValue> {
  const state = new Map<string, ArrayValue>()
  for (const [name, { shape, data }] of parameters) {
    const names = optimizerState(options.optimizer, name)
    if (options.accumulation > 1) names.push(sumName(name))
    if (isGathered(options, shape)) names.push(scoreName(name))
    for (const key of names) state.set(key, saved.get(key) ?? { shape, data: new Float32Array(data.length) })
  }
  return state
}

export { maskName, scoreName, sumName }
