/** A warning before a model is pruned that was not trained completely. */
import type { ModelManifest } from '../checkpoint/model-directory.ts'
import { note } from './output.ts'

/** Says so where training had not converged: what pruning costs cannot be told from what more training gains. */
export function noteConvergence(model: string, { convergence }: Pick<ModelManifest, 'convergence'>): void {
  if (convergence && !convergence.converged)
    note(`${model} was not trained completely: ${convergence.reason}. Retraining it may gain what training left out.`)
}
