/**
 * The workshop makes models by recipes, each in a directory of its own under one root, and makes none twice. A training
 * that was interrupted goes on from its last checkpoint.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openPrepared } from '../corpus/prepared.ts'
import { pruneModel } from '../pipeline/prune-model.ts'
import { type RunOptions, resume, retrain, trainNew } from '../pipeline/train.ts'
import { markDirectory } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { exists } from '../storage/paths.ts'
import type { Outcome, TrainerEvents } from '../training/trainer.ts'
import { digestOf, type Recipe, slug } from './recipe.ts'

/** Beside a model that is complete: what it was made by. */
const RECIPE = 'recipe.json'
const KEY_LENGTH = 10

export interface WorkshopOptions {
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Called when the making of a model begins; what it gives listens to its training. */
  onModel?(recipe: Recipe, directory: string): TrainerEvents | undefined
}

/** Thrown where the signal interrupted: what was done is kept. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
  }
}

export class Workshop {
  private constructor(
    readonly root: string,
    readonly data: string,
    readonly digest: string,
    readonly options: WorkshopOptions,
    /** Models made elsewhere, by key. */
    readonly adopted: Map<string, string> = new Map(),
  ) {}

  /** @param root directory of the models @param data prepared data they are trained on */
  static async open(root: string, data: string, options: WorkshopOptions = {}): Promise<Workshop> {
    const corpus = await openPrepared(data)
    await markDirectory(root, 'models')
    return new Workshop(root, data, corpus.digests['train.bin'], options)
  }

  key(recipe: Recipe): string {
    return digestOf({ recipe, data: this.digest }).slice(0, KEY_LENGTH)
  }

  directory(recipe: Recipe): string {
    const key = this.key(recipe)
    return this.adopted.get(key) ?? join(this.root, `${slug(recipe)}-${key}`)
  }

  /** Takes a model that exists for what a recipe would make. */
  adopt(recipe: Recipe, directory: string): void {
    this.adopted.set(this.key(recipe), directory)
  }

  async isMade(recipe: Recipe): Promise<boolean> {
    return this.adopted.has(this.key(recipe)) || exists(join(this.directory(recipe), RECIPE))
  }

  /** What still has to be made for a recipe, in order. */
  async missing(recipe: Recipe): Promise<Recipe[]> {
    if (await this.isMade(recipe)) return []
    const list: Recipe[] = []
    for (const part of ingredients(recipe)) list.push(...(await this.missing(part)))
    return [...list, recipe]
  }

  /** The directory of the model of a recipe, made if it was not. @throws Interrupted */
  async make(recipe: Recipe): Promise<string> {
    const directory = this.directory(recipe)
    if (await this.isMade(recipe)) return directory
    for (const part of ingredients(recipe)) await this.make(part)
    if (this.options.signal?.aborted) throw new Interrupted()
    const outcome = await this.#make(recipe, directory)
    if (outcome === 'interrupted') throw new Interrupted()
    await rm(join(directory, 'last.safetensors'), { force: true })
    await writeFileAtomic(join(directory, RECIPE), `${JSON.stringify(recipe, null, 2)}\n`)
    return directory
  }

  async #make(recipe: Recipe, out: string): Promise<Outcome> {
    const { threads, signal, onModel } = this.options
    const run: RunOptions = { out, threads, signal, force: true, events: onModel?.(recipe, out) }
    if (recipe.kind === 'prune') {
      await pruneModel(this.directory(recipe.of), { ...recipe.selection, out, force: true })
      return 'completed'
    }
    if (await exists(join(out, 'last.safetensors'))) return resume(this.data, run)
    if (recipe.kind === 'train') {
      const maskOf = recipe.maskOf && this.directory(recipe.maskOf)
      return trainNew(this.data, recipe.configuration, { ...run, maskOf })
    }
    const { rewind, regrow, gradual, training } = recipe
    const from = rewind && { model: this.directory(rewind.model), epoch: rewind.epoch }
    return retrain(this.directory(recipe.of), this.data, () => training, { ...run, rewind: from, regrow, gradual })
  }
}

function ingredients(recipe: Recipe): Recipe[] {
  if (recipe.kind === 'train') return recipe.maskOf ? [recipe.maskOf] : []
  if (recipe.kind === 'retrain' && recipe.rewind) return [recipe.of, recipe.rewind.model]
  return [recipe.of]
}
