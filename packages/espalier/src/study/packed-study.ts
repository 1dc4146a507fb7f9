/** The models of a study that were trained, as packed files: each is measured once, and the speeds of all are in turns. */
import { join } from 'node:path'
import { readModel } from '../checkpoint/model-directory.ts'
import type { ModelStore } from '../store/model-store.ts'
import { type BrowserMeasurement, readBrowserSpeeds } from './browser-speeds.ts'
import type { StudyConfiguration } from './configuration.ts'
import type { Experiment } from './experiments.ts'
import type { MeasurementStore } from './measurements.ts'
import { PackedModels, SPEED_BATCH } from './packed-models.ts'
import { isBuilt } from './plan.ts'
import type { Scorer } from './scorer.ts'
import type { PackedResult } from './size-results.ts'
import type { TimeSpent } from './time-spent.ts'

export interface PackedStudyParts {
  /** The study's directory. */
  readonly out: string
  readonly study: StudyConfiguration
  /** Whose models are kept as files, and whose speed is measured: that of others is the same. */
  readonly firstSeed: number
  readonly models: ModelStore
  readonly measurements: MeasurementStore
  readonly scorer: Scorer
  readonly time: TimeSpent
  readonly signal?: AbortSignal
  /** Told before speeds are measured. */
  onMeasure?(): void
}

export class PackedStudy {
  readonly #measured = new Map<Experiment, PackedResult>()
  #speeds: ReadonlyMap<string, number> = new Map()

  private constructor(
    readonly parts: PackedStudyParts,
    readonly packed: PackedModels | undefined,
    readonly fromBrowser: BrowserMeasurement | undefined,
  ) {}

  /** @throws UserError `damaged-file` for a browser's measurement that is none */
  static async open(parts: PackedStudyParts): Promise<PackedStudy> {
    const { out, study } = parts
    const { packed: values, beam } = study
    if (values === 'none') return new PackedStudy(parts, undefined, undefined)
    const fromBrowser = await readBrowserSpeeds(join(out, 'browser.json'), { beam, batchSize: SPEED_BATCH })
    return new PackedStudy(parts, await PackedModels.open(join(out, 'packed'), values, beam), fromBrowser)
  }

  /** Packs and measures the model of an experiment, once it is built; one that is only pruned is not packed. */
  async measure(experiment: Experiment): Promise<void> {
    const { models, measurements, scorer, time, firstSeed, study } = this.parts
    const { packed } = this
    // Layers that were pruned alone and controls answer a question; nobody ships such a model.
    if (!packed || !isBuilt(experiment) || experiment.group === 'layer' || experiment.group === 'control') return
    const input = { values: study.packed, ...measurements.setting }
    const measured = await measurements.analysis(
      'packed',
      experiment.recipe,
      input,
      async (): Promise<PackedResult> => {
        const model = await readModel(models.directory(experiment.recipe))
        const name = experiment.seed === firstSeed ? experiment.id : undefined
        const { result } = await time.measure('translating', () => packed.measure(model, scorer.text.sources, name))
        const { translations, ...rest } = result
        const { mean: score, low, high } = scorer.estimate([translations])
        return { values: study.packed, ...rest, bleu: { score, low, high } }
      },
    )
    this.#measured.set(experiment, measured)
  }

  /** Measures speeds, of all models together, and makes sure that their files are there. @throws Interrupted */
  async measureSpeeds(): Promise<void> {
    const { models, measurements, scorer, time, firstSeed, signal, onMeasure } = this.parts
    const { packed } = this
    const measured = [...this.#measured].filter(([{ seed }]) => seed === firstSeed)
    if (!packed || measured.length === 0) return
    for (const [{ id, recipe }, { bytes }] of measured)
      await packed.keep(id, bytes, () => readModel(models.directory(recipe)))
    const names = measured.map(([{ id }]) => id)
    const input = {
      models: measured.map(([{ id, recipe }, { bytes }]) => ({ id, key: models.key(recipe), bytes })),
      ...measurements.setting,
    }
    const speeds = await measurements.analysis('packed-speeds', measured[0][0].recipe, input, async () => {
      onMeasure?.()
      const timed = await time.measure('translating', () =>
        packed.wordsPerSecond(names, scorer.text.sources, { signal }),
      )
      return timed.result
    })
    this.#speeds = new Map(names.map((name, i) => [name, speeds[i]]))
  }

  /** What is known of an experiment's packed model. */
  resultOf(experiment: Experiment): PackedResult | undefined {
    const measured = this.#measured.get(experiment)
    if (!measured || experiment.seed !== this.parts.firstSeed) return measured
    const wordsPerSecond = this.#speeds.get(experiment.id)
    const found = this.fromBrowser?.models.get(experiment.id)
    // A file of another size is another model.
    const browser = found?.bytes === measured.bytes && { wordsPerSecond: found.wordsPerSecond, memory: found.memory }
    return { ...measured, ...(wordsPerSecond !== undefined && { wordsPerSecond }), ...(browser && { browser }) }
  }

  /** In which packed models were measured. */
  get browser(): string | undefined {
    return this.fromBrowser?.browser
  }
}
