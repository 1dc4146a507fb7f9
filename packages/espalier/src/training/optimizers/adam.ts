/** Adam (Kingma & Ba 2015, algorithm 1, with the constants of the paper). */
import { add, div, inputLike, mul, sqrt, sub } from '@espalier/engine'
import type { Optimizer } from './optimizer.ts'

const BETA1 = 0.9
const BETA2 = 0.999
const EPSILON = 1e-8

const firstMoment = (parameter: string) => `adam.m/${parameter}`
const secondMoment = (parameter: string) => `adam.v/${parameter}`

export const adam: Optimizer = {
  stateNames: parameter => [firstMoment(parameter), secondMoment(parameter)],
  update({ name, parameter, gradient, factor, rate }) {
    const g = mul(gradient, factor)
    const m = add(mul(inputLike(firstMoment(name), parameter), BETA1), mul(g, 1 - BETA1))
    const v = add(mul(inputLike(secondMoment(name), parameter), BETA2), mul(mul(g, g), 1 - BETA2))
    const step = div(mul(m, rate), add(sqrt(v), EPSILON))
    return { next: sub(parameter, step), step, state: { [firstMoment(name)]: m, [secondMoment(name)]: v } }
  },
  // The bias correction is in the rate (the paper's remark at the end of section 2); epsilon is not scaled with it.
  effectiveRate: (learningRate, step) => (learningRate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step),
}
