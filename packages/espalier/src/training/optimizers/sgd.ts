/** Stochastic gradient descent, plain: the paper's optimiser. */
import { mul, sub } from '@espalier/engine'
import type { Optimizer } from './optimizer.ts'

export const sgd: Optimizer = {
  stateNames: () => [],
  update({ parameter, gradient, factor, rate }) {
    const step = mul(gradient, mul(factor, rate))
    return { next: sub(parameter, step), step, state: {} }
  },
  effectiveRate: learningRate => learningRate,
}
