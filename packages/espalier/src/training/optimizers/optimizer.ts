/** What an optimiser is to training: expressions from a gradient, a parameter and its state to their next values. */
import type { Tensor } from '@espalier/engine'

/** What an update is made of. A pruned weight's gradient has to be zero: its state is zero, so no optimiser moves it. */
export interface UpdateInputs {
  /** The parameter's name; the names of its state follow from it. */
  readonly name: string
  readonly parameter: Tensor
  /** Σ of the gradients over the sentences of the update. */
  readonly gradient: Tensor
  /** What the gradient is multiplied with: 1 / sentences, and less where the norm is clipped. */
  readonly factor: Tensor
  /** The result of {@link Optimizer.effectiveRate}. */
  readonly rate: Tensor
}

export interface OptimizerUpdate {
  /** The parameter's next value. */
  readonly next: Tensor
  /** What was subtracted for it: the parameter before the update is `next` + `step`. */
  readonly step: Tensor
  /** Next values of the state by input name. */
  readonly state: Readonly<Record<string, Tensor>>
}

export interface Optimizer {
  /** Names of the arrays that are kept for a parameter; they have its shape and start at zero. */
  stateNames(parameter: string): readonly string[]
  update(inputs: UpdateInputs): OptimizerUpdate
  /** The number that enters update `step` (from 1) as its rate. */
  effectiveRate(learningRate: number, step: number): number
}
