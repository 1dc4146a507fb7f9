/**
 * A store of models: each is built from its recipe in a directory of its own under one root, and none twice. A training that
 * was interrupted goes on from its last checkpoint.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import { pruneModel } from '../pipeline/prune-model.ts'
import { resume } from '../pipeline/resume.ts'
import { retrain, trainNew } from '../pipeline/train.ts'
import type { RunOptions } from '../pipeline/training-job.ts'
import { markDirectory } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { exists } from '../storage/paths.ts'
import type { TrainingEvents } from '../training/metrics.ts'
import type { Outcome } from '../training/options.ts'
import { modelKey } from './model-key.ts'
import { dependencies, type Recipe, slug } from './recipe.ts'

/** Stands in the directory of a model that is complete. */
const RECIPE_FILE = 'recipe.json'

export interface ModelStoreOptions {
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Called when a model begins to be built; returns the listener of its training. */
  onModel?(recipe: Recipe, directory: string): TrainingEvents | undefined
}

/** Thrown where the signal interrupted: what was done is kept. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
  }
}

export class ModelStore {
  /** Directories of models that were built elsewhere, by key. */
  readonly #registered = new Map<string, string>()

  private constructor(
    readonly root: string,
    readonly corpus: PreparedCorpus,
    readonly options: ModelStoreOptions,
  ) {}

  /** @param root directory of the models @param corpus what they are trained on */
  static async open(root: string, corpus: PreparedCorpus, options: ModelStoreOptions = {}): Promise<ModelStore> {
    await markDirectory(root, 'models')
    return new ModelStore(root, corpus, options)
  }

  key(recipe: Recipe): string {
    return modelKey(recipe, this.corpus.digests['train.bin'])
  }

  directory(recipe: Recipe): string {
    const key = this.key(recipe)
    return this.#registered.get(key) ?? join(this.root, `${slug(recipe)}-${key}`)
  }

  /** Takes a model that exists for what a recipe would build. */
  register(recipe: Recipe, directory: string): void {
    this.#registered.set(this.key(recipe), directory)
  }

  async isBuilt(recipe: Recipe): Promise<boolean> {
    return this.#registered.has(this.key(recipe)) || exists(join(this.directory(recipe), RECIPE_FILE))
  }

  /** What has still to be built for a recipe, in order, itself last. */
  async unbuilt(recipe: Recipe): Promise<Recipe[]> {
    if (await this.isBuilt(recipe)) return []
    const list: Recipe[] = []
    for (const part of dependencies(recipe)) list.push(...(await this.unbuilt(part)))
    return [...list, recipe]
  }

  /** Builds the model of a recipe unless it is there. @returns its directory @throws Interrupted */
  async build(recipe: Recipe): Promise<string> {
    const directory = this.directory(recipe)
    if (await this.isBuilt(recipe)) return directory
    for (const part of dependencies(recipe)) await this.build(part)
    if (this.options.signal?.aborted) throw new Interrupted()
    const outcome = await this.#run(recipe, directory)
    if (outcome === 'interrupted') throw new Interrupted()
    await rm(join(directory, 'last.safetensors'), { force: true })
    await writeFileAtomic(join(directory, RECIPE_FILE), `${JSON.stringify(recipe, null, 2)}\n`)
    return directory
  }

  async #run(recipe: Recipe, out: string): Promise<Outcome> {
    const { threads, signal, onModel } = this.options
    const data = this.corpus
    const run: RunOptions = { out, threads, signal, force: true, events: onModel?.(recipe, out) }
    if (recipe.kind === 'prune') {
      await pruneModel(this.directory(recipe.of), { ...recipe.selection, out, force: true })
      return 'completed'
    }
    if (await exists(join(out, 'last.safetensors'))) return resume(data, { ...run, force: false })
    if (recipe.kind === 'train') {
      const maskOf = recipe.maskOf && this.directory(recipe.maskOf)
      return trainNew(data, { ...run, configuration: recipe.configuration, maskOf, randomPlaces: recipe.randomPlaces })
    }
    const { rewind, regrow, gradual, training } = recipe
    const from = rewind && { model: this.directory(rewind.model), epoch: rewind.epoch }
    return retrain(this.directory(recipe.of), data, { ...run, training, rewind: from, regrow, gradual })
  }
}
