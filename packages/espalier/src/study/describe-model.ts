/** What is known of a model without running it: what it is, and how many weights it has kept. */
import { type ModelDirectory, modelClasses } from '../checkpoint/model-directory.ts'
import { classReport, Mask } from '../pruning/index.ts'
import type { Experiment } from './experiments.ts'

export function describeModel({ id, seed, group, name, fraction }: Experiment, model: ModelDirectory) {
  const mask = model.mask ?? new Mask(new Map())
  const classes = modelClasses(model).map(weightClass => classReport(weightClass, mask))
  const weights = classes.reduce((n, c) => n + c.weights, 0)
  const kept = weights - classes.reduce((n, c) => n + c.pruned, 0)
  const biases = [...model.parameters.values()].reduce((n, { data }) => n + data.length, 0) - weights
  const bytes = 4 * (kept + biases) + (model.mask ? Math.ceil(weights / 8) : 0)
  return { id, seed, group, name, fraction, sparsity: 1 - kept / weights, weights, kept, bytes, classes }
}
