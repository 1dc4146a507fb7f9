/** Pruning a model: weights of its network's classes become zero, and the mask is kept beside them, in a new directory. */
import {
  type ModelDirectory,
  modelClasses,
  readModel,
  writeModel,
  writeTextFiles,
} from '../checkpoint/model-directory.ts'
import { type PruneOptions, prune } from '../pruning/prune.ts'
import { type ClassReport, classReports } from '../pruning/report.ts'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { checkOutput } from '../storage/outputs.ts'
import { checkArguments } from './arguments.ts'

export interface PruneModelOptions extends Omit<PruneOptions, 'current' | 'importance'> {
  /** The directory to make. */
  readonly out: string
  /** Replace a model that is there. */
  readonly force?: boolean
}

/**
 * Prunes a model into a new directory. A model that is pruned already can be pruned further.
 * @param model a model's directory, or a model that was read
 * @returns what is pruned of each class
 * @throws UserError of {@link readModel}, of {@link prune}; `usage`, `output-exists`, `not-ours`, `same-path`
 */
export async function pruneModel(model: string | ModelDirectory, options: PruneModelOptions): Promise<ClassReport[]> {
  const from = typeof model === 'string' ? model : model?.directory
  checkArguments('pruneModel', { model: from }, options)
  const { out, force } = options
  await checkOutput(out, { kind: 'directory', force, others: [from] })
  const source = typeof model === 'string' ? await readModel(model) : model
  const classes = modelClasses(source)
  const mask = prune(classes, { ...options, current: source.mask, importance: source.scores })
  await createDirectoryAtomic(out, { kind: 'model', force }, async directory => {
    await writeTextFiles(directory, source)
    await writeModel(directory, mask.apply(source.parameters), { mask })
  })
  return classReports(classes, mask, options)
}
