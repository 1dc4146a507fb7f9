/** Optimisers as expressions: from a gradient, a parameter and its state to their next values. */
import { add, constant, div, input, minimum, mul, sqrt, sub, sumSquare, type Tensor } from '@espalier/engine'

export type OptimizerKind = 'sgd' | 'adam'

/** Adam's constants (Kingma & Ba 2015, algorithm 1). */
const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

/** Names of the state that an optimiser keeps for a parameter. */
export function optimizerState(kind: OptimizerKind, parameter: string): string[] {
  switch (kind) {
    case 'sgd':
      return []
    case 'adam':
      return [`adam.m/${parameter}`, `adam.v/${parameter}`]
    default:
      return kind satisfies never
  }
}

/**
 * The factor that brings gradients to a global norm of at most `limit` (Pascanu, Mikolov & Bengio 2013).
 * @param scale what the gradients are multiplied with before (1 / sentences of the batch)
 * @returns the factor, `scale` included, and the norm of the scaled gradients before clipping
 */
export function clip(gradients: readonly Tensor[], scale: Tensor, limit: number): { factor: Tensor; norm: Tensor } {
  const norm = mul(sqrt(gradients.map(sumSquare).reduce((a, b) => add(a, b))), scale)
  return { factor: mul(scale, minimum(div(constant(limit, norm.dtype), add(norm, 1e-12)), 1)), norm }
}

/** An update as expressions. */
export interface Update {
  /** The parameter's next value, and what was subtracted for it. */
  readonly next: Tensor
  readonly step: Tensor
  /** Next values of the optimiser's state by input name. */
  readonly state: Readonly<Record<string, Tensor>>
}

/**
 * One update. A masked weight's gradient has to be zero already: then nothing here wakes it, for its state is zero too.
 * @param gradient multiplied with `factor` first
 * @param rate learning rate; for Adam with the bias correction sqrt(1 - β2^t) / (1 - β1^t) in it, see {@link effectiveRate}
 */
export function update(
  kind: OptimizerKind,
  name: string,
  parameter: Tensor,
  gradient: Tensor,
  factor: Tensor,
  rate: Tensor,
): Update {
  switch (kind) {
    case 'sgd': {
      const step = mul(gradient, mul(factor, rate))
      return { next: sub(parameter, step), step, state: {} }
    }
    case 'adam': {
      const [mName, vName] = optimizerState(kind, name)
      const g = mul(gradient, factor)
      const m = add(mul(input(mName, parameter.dtype, parameter.shape), BETA1), mul(g, 1 - BETA1))
      const v = add(mul(input(vName, parameter.dtype, parameter.shape), BETA2), mul(mul(g, g), 1 - BETA2))
      const step = div(mul(m, rate), add(sqrt(v), EPSILON))
      return { next: sub(parameter, step), step, state: { [mName]: m, [vName]: v } }
    }
    default:
      return kind satisfies never
  }
}

/** What is fed as the rate at step t (from 1): for Adam with its bias correction in it (ε as in the paper's remark, unscaled). */
export function effectiveRate(kind: OptimizerKind, rate: number, t: number): number {
  return kind === 'adam' ? (rate * Math.sqrt(1 - BETA2 ** t)) / (1 - BETA1 ** t) : rate
}
