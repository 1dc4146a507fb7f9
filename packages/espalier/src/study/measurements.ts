/** What a study measured, kept in files named by what was measured: a model, test sets, a beam. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { markDirectory } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { parseJson } from '../storage/json.ts'
import { exists } from '../storage/paths.ts'
import { digestOf } from '../store/model-key.ts'
import type { ModelStore } from '../store/model-store.ts'
import type { Recipe } from '../store/recipe.ts'
import type { Experiment } from './experiments.ts'
import type { ModelResult } from './results.ts'

/** What is kept of an experiment that has a model. */
export interface Measurement {
  readonly result: ModelResult
  /** Of all test sets, one after the other. */
  readonly translations: readonly string[]
}

/** What is kept of an experiment whose training diverged. */
export interface FailedExperiment {
  /** In a sentence that begins with `did not train`. */
  readonly failed: string
}

export type Outcome = Measurement | FailedExperiment
export const hasFailed = (outcome: Outcome): outcome is FailedExperiment => 'failed' in outcome

/** Counts with what was measured: one that has other fields than these is measured again. */
const VERSION = 3

export interface MeasurementSetting {
  readonly beam: number
  /** Digest of the test sets. */
  readonly test: string
}

export class MeasurementStore {
  private constructor(
    readonly directory: string,
    readonly models: ModelStore,
    /** How models are measured. */
    readonly setting: MeasurementSetting,
  ) {}

  static async open(directory: string, models: ModelStore, setting: MeasurementSetting): Promise<MeasurementStore> {
    await markDirectory(directory, 'measurements')
    return new MeasurementStore(directory, models, setting)
  }

  #path(name: string, recipe: Recipe, input: unknown): string {
    const key = digestOf({ model: this.models.key(recipe), input }).slice(0, 10)
    return join(this.directory, `${name}-${key}.json`)
  }

  #experimentPath({ id, recipe }: Experiment): string {
    return this.#path(id, recipe, { ...this.setting, version: VERSION })
  }

  async has(experiment: Experiment): Promise<boolean> {
    return exists(this.#experimentPath(experiment))
  }

  async read(experiment: Experiment): Promise<Outcome | undefined> {
    const path = this.#experimentPath(experiment)
    return (await exists(path)) ? ((await readJson(path)) as Outcome) : undefined
  }

  async write(experiment: Experiment, outcome: Outcome): Promise<void> {
    await writeFileAtomic(this.#experimentPath(experiment), `${JSON.stringify(outcome)}\n`)
  }

  /** What an analysis of a model gave, made once for each input. */
  async analysis<T>(name: string, recipe: Recipe, input: unknown, make: () => Promise<T>): Promise<T> {
    const path = this.#path(name, recipe, input)
    if (await exists(path)) return (await readJson(path)) as T
    const made = await make()
    await writeFileAtomic(path, `${JSON.stringify(made)}\n`)
    return made
  }
}

const readJson = async (path: string) => parseJson(await readFile(path, 'utf8'), path)
