/** Pruning a model's directory: weights of its network's classes go, and the mask is kept beside them. */
import { copyTextFiles, modelClasses, readModel, writeManifest, writeModel } from '../checkpoint/model-directory.ts'
import { type PruneOptions, prune } from '../pruning/prune.ts'
import { type ClassReport, classReports } from '../pruning/report.ts'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'

export interface PruneModelOptions extends Omit<PruneOptions, 'current' | 'importance'> {
  readonly out: string
  readonly force?: boolean
}

/** Prunes a model into a new directory. @returns what each class lost */
export async function pruneModel(directory: string, options: PruneModelOptions): Promise<ClassReport[]> {
  const model = await readModel(directory)
  const classes = modelClasses(model)
  const mask = prune(classes, { ...options, current: model.mask, importance: model.scores })
  await createDirectoryAtomic(options.out, { kind: 'model', force: options.force }, async out => {
    await copyTextFiles(directory, out)
    await writeManifest(out, model.config)
    await writeModel(out, mask.apply(model.parameters), { mask })
  })
  return classReports(classes, mask, options)
}
