/** What a study measured, kept in files named by what was measured: a model, a test text, a beam. */
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

/** What is kept of an experiment. */
export interface Measurement {
  readonly result: Omit<ModelResult, 'pValue'>
  readonly translations: readonly string[]
}

export interface MeasurementSetting {
  readonly beam: number
  /** Digest of the test text. */
  readonly test: string
}

export class MeasurementStore {
  private constructor(
    readonly directory: string,
    readonly models: ModelStore,
    /** How models are measured: the beam, and the digest of the test text. */
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
    return this.#path(id, recipe, this.setting)
  }

  async has(experiment: Experiment): Promise<boolean> {
    return exists(this.#experimentPath(experiment))
  }

  async read(experiment: Experiment): Promise<Measurement | undefined> {
    const path = this.#experimentPath(experiment)
    return (await exists(path)) ? ((await readJson(path)) as Measurement) : undefined
  }

  async write(experiment: Experiment, measurement: Measurement): Promise<void> {
    await writeFileAtomic(this.#experimentPath(experiment), `${JSON.stringify(measurement)}\n`)
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
