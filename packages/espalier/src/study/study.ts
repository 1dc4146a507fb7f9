/**
 * A study: the paper's experiments on one's own data, as one job that can be stopped at any moment and goes on where it was.
 * It walks a plan: models are built by a store, measurements are kept in files.
 *
 *     study.json           the configuration, and the data it is about
 *     models/              models that were trained
 *     measurements/        what was measured, with the translations
 *     results.json         all numbers; report.html and figures/ are drawn from it
 */
import { join, relative } from 'node:path'
import { UserError } from '@espalier/runtime'
import { readMetrics } from '../checkpoint/metrics-file.ts'
import { type ModelDirectory, modelClasses, readManifest, readModel } from '../checkpoint/model-directory.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { openPrepared, readValidationText } from '../corpus/prepared.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import { defaultScoreTokenizer } from '../evaluation/index.ts'
import { classReport, Mask, prune } from '../pruning/index.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { withLock } from '../storage/lock.ts'
import { digestOf } from '../store/model-key.ts'
import { Interrupted, ModelStore } from '../store/model-store.ts'
import type { Recipe } from '../store/recipe.ts'
import type { TrainingEvents } from '../training/metrics.ts'
import { analyseBreakdown, magnitudeSchemes } from './analyses/breakdown.ts'
import type { AnalysisContext } from './analyses/context.ts'
import { describeDistributions } from './analyses/distributions.ts'
import { analyseSensitivity } from './analyses/sensitivity.ts'
import { describeSurvivingWeights } from './analyses/surviving-weights.ts'
import { answerClaims } from './claims/index.ts'
import { comparedPairs } from './comparisons.ts'
import type { StudyConfiguration } from './configuration.ts'
import { Evaluator, type TestText } from './evaluator.ts'
import type { Experiment } from './experiments.ts'
import { type Measurement, MeasurementStore } from './measurements.ts'
import { isBuilt, planStudy, recipeLabel, remainingWork, type StudyPlan } from './plan.ts'
import { type ModelResult, representativeRetrained, resultsSchema, type StudyResults } from './results.ts'
import { openStudyDirectory } from './study-directory.ts'
import { Stopwatch } from './time-left.ts'

export interface StudyOptions {
  readonly data: string
  readonly out: string
  readonly configuration: Configuration
  readonly study: StudyConfiguration
  /** What BLEU is measured on; default: the validation text of the data. */
  readonly test?: TestText
  /** A model trained on this data with this configuration, so that it is not trained again. */
  readonly baseline?: string
  /** Go on in a directory whose study had another configuration: what was measured and still counts is taken over. */
  readonly update?: boolean
  readonly threads?: number
  readonly signal?: AbortSignal
  readonly events?: StudyEvents
}

export interface StudyEvents {
  /** An experiment begins, the n-th of `total` (0: an analysis); seconds left as far as is known. */
  onExperiment?(label: string, n: number, total: number, secondsLeft: number | undefined): void
  onTraining?(label: string): TrainingEvents | undefined
  onResult?(result: ModelResult): void
  /** Told in a sentence of what is unusual, as of a lock that was left behind. */
  onNotice?(message: string): void
}

/**
 * Runs a study, or what is left of it.
 * @returns the results, which are also written after each experiment
 * @throws Interrupted; UserError `in-use`, `other-data`, `other-configuration`, `output-exists`
 */
export async function runStudy(options: StudyOptions): Promise<StudyResults> {
  const work = async () => {
    const study = await Study.open(options)
    try {
      return await study.run()
    } finally {
      await study.release()
    }
  }
  return withLock(options.out, work, { onStale: options.events?.onNotice })
}

interface StudyParts {
  readonly options: StudyOptions
  readonly corpus: PreparedCorpus
  readonly plan: StudyPlan
  readonly models: ModelStore
  readonly measurements: MeasurementStore
  readonly test: TestText
  readonly stopwatch: Stopwatch
}

class Study {
  readonly #measured = new Map<string, Measurement>()
  #context: Promise<AnalysisContext> | undefined

  private constructor(readonly parts: StudyParts) {}

  static async open(options: StudyOptions): Promise<Study> {
    const { out, study, baseline, threads, signal, events, update = false } = options
    const corpus = await openPrepared(options.data)
    const configuration = baseline
      ? await configurationOf(baseline, corpus)
      : { ...options.configuration, gradual: undefined }
    const plan = planStudy(configuration, study)
    const test = options.test ?? (await readValidationText(options.data))
    const testDigest = digestOf(test)
    const identity = { data: corpus.digests['train.bin'], test: testDigest, configuration: { ...configuration, study } }
    await openStudyDirectory({ out, corpus: corpus.directory, update, ...identity })
    const stopwatch = new Stopwatch()
    const models = await ModelStore.open(join(out, 'models'), corpus, {
      threads,
      signal,
      onModel: recipe => stopwatch.timeTraining(events?.onTraining?.(recipeLabel(plan, recipe))),
    })
    if (baseline) models.register(plan.base, baseline)
    const setting = { beam: study.beam, test: testDigest }
    const measurements = await MeasurementStore.open(join(out, 'measurements'), models, setting)
    return new Study({ options, corpus, plan, models, measurements, test, stopwatch })
  }

  async run(): Promise<StudyResults> {
    const { options, plan, models, measurements, stopwatch } = this.parts
    for (const [i, experiment] of plan.experiments.entries()) {
      if (options.signal?.aborted) throw new Interrupted()
      const known = await measurements.read(experiment)
      if (known) {
        this.#measured.set(experiment.id, known)
        continue
      }
      const left = stopwatch.secondsFor(await remainingWork(plan, i, models, measurements))
      options.events?.onExperiment?.(experiment.id, i + 1, plan.experiments.length, left)
      const measurement = await this.#measure(experiment)
      this.#measured.set(experiment.id, measurement)
      options.events?.onResult?.(measurement.result)
      if (isBuilt(experiment)) await this.#write(false)
    }
    return this.#write(true)
  }

  async release(): Promise<void> {
    const context = await this.#context?.catch(() => undefined)
    await context?.evaluator.release()
  }

  async #measure(experiment: Experiment): Promise<Measurement> {
    const { models, measurements, stopwatch, plan } = this.parts
    const directory = isBuilt(experiment) ? await models.build(experiment.recipe) : undefined
    const { evaluator, dense } = await this.#analysisContext()
    const model = await this.#model(experiment, directory, dense)
    const measurement = await stopwatch.timeMeasurement(async () => {
      const { translations, ...scores } = await evaluator.measure(model.parameters, plan.study.beam)
      const epochs = directory ? await readMetrics(directory) : []
      return { result: { ...describeModel(experiment, model), ...scores, epochs }, translations }
    })
    await measurements.write(experiment, measurement)
    return measurement
  }

  async #model({ recipe }: Experiment, directory: string | undefined, dense: ModelDirectory): Promise<ModelDirectory> {
    if (directory === undefined) return pruneInMemory(dense, recipe)
    return directory === dense.directory ? dense : readModel(directory)
  }

  /** The unpruned model, read once, and what measures it and all others. */
  #analysisContext(): Promise<AnalysisContext> {
    this.#context ??= this.#openContext()
    return this.#context
  }

  async #openContext(): Promise<AnalysisContext> {
    const { options, corpus, models, plan, test } = this.parts
    const dense = await readModel(await models.build(plan.base))
    const scoring = { tokenizer: defaultScoreTokenizer(corpus.tokenizers) }
    const evaluator = await Evaluator.open(dense, { test, valid: corpus.valid, scoring, threads: options.threads })
    return { dense, classes: modelClasses(dense), evaluator, study: plan.study, signal: options.signal }
  }

  /** Puts together what is known, and writes it. Analyses are made once and remembered. */
  async #write(complete: boolean): Promise<StudyResults> {
    const { options, corpus, plan, test } = this.parts
    const context = await this.#analysisContext()
    const { metric } = context.evaluator
    const numbers = {
      format: 1 as const,
      complete,
      data: corpus.digests['train.bin'],
      configuration: { ...plan.base.configuration, study: plan.study },
      sentences: test.sources.length,
      signature: `nrefs:1|${metric.signature}`,
      models: plan.experiments.flatMap(experiment => this.#modelResult(experiment, context.evaluator)),
      comparisons: comparedPairs(plan.study).flatMap(pair => this.#compare(pair.better, pair.than, context.evaluator)),
      ...(await this.#analyses(context)),
    }
    const results = resultsSchema.parse({ ...numbers, claims: answerClaims(numbers) })
    await writeFileAtomic(join(options.out, 'results.json'), `${JSON.stringify(results, null, 1)}\n`)
    return results
  }

  #modelResult(experiment: Experiment, evaluator: Evaluator): ModelResult[] {
    const { options, models } = this.parts
    const measurement = this.#measured.get(experiment.id)
    if (!measurement) return []
    const [comparison] = experiment.id === 'dense' ? [] : this.#compare(experiment.id, 'dense', evaluator)
    const directory = isBuilt(experiment) && relative(options.out, models.directory(experiment.recipe))
    return [
      { ...measurement.result, ...(comparison && { pValue: comparison.pValue }), ...(directory && { directory }) },
    ]
  }

  /** BLEU of one experiment against another; nothing where one of them is not measured yet. */
  #compare(better: string, than: string, evaluator: Evaluator): StudyResults['comparisons'] {
    const [a, b] = [this.#measured.get(better), this.#measured.get(than)]
    return a && b ? [{ better, than, ...evaluator.compare(a.translations, b.translations) }] : []
  }

  async #analyses(context: AnalysisContext) {
    const { measurements, plan, models } = this.parts
    const { dense, classes, study } = context
    const { test } = this.parts.measurements.setting
    const remember = <T>(name: string, input: object, make: () => Promise<T>): Promise<T> =>
      measurements.analysis(name, plan.base, input, () => {
        this.parts.options.events?.onExperiment?.(name, 0, plan.experiments.length, undefined)
        return make()
      })
    const picture = prune(classes, { scheme: 'class-blind', fraction: study.picturesAt })
    const retrained = representativeRetrained(plan.experiments.filter(({ id }) => this.#measured.has(id)))
    const histograms = new Map([['dense', classes]])
    if (retrained) histograms.set(retrained.id, modelClasses(await readModel(models.directory(retrained.recipe))))
    return {
      sensitivity: await remember('sensitivity', { ...study.sensitivity, test }, () => analyseSensitivity(context)),
      breakdown: await remember('breakdown', { schemes: magnitudeSchemes(study.schemes), at: study.breakdownAt }, () =>
        analyseBreakdown(context),
      ),
      redundancy: describeSurvivingWeights(dense.config.model, picture, study.picturesAt),
      distributions: describeDistributions(histograms),
    }
  }
}

/** A pruned model that nobody needs on disk. */
function pruneInMemory(dense: ModelDirectory, recipe: Recipe): ModelDirectory {
  if (recipe.kind !== 'prune') throw new Error(`${recipe.kind} where a pruned model is expected`)
  const mask = prune(modelClasses(dense), { ...recipe.selection, importance: dense.scores })
  return { ...dense, parameters: mask.apply(dense.parameters), mask }
}

/** What is known of a model without translating: what it is, and how many weights it has kept. */
function describeModel({ id, group, name, fraction }: Experiment, model: ModelDirectory) {
  const mask = model.mask ?? new Mask(new Map())
  const classes = modelClasses(model).map(weightClass => classReport(weightClass, mask))
  const weights = classes.reduce((n, c) => n + c.weights, 0)
  const kept = weights - classes.reduce((n, c) => n + c.pruned, 0)
  const biases = [...model.parameters.values()].reduce((n, { data }) => n + data.length, 0) - weights
  const bytes = 4 * (kept + biases) + (model.mask ? Math.ceil(weights / 8) : 0)
  return { id, group, name, fraction, sparsity: 1 - kept / weights, weights, kept, bytes, classes }
}

/** The configuration a model was trained with. @throws UserError `other-data` */
async function configurationOf(directory: string, corpus: PreparedCorpus): Promise<Configuration> {
  const config = await readManifest(directory)
  if (config.data !== corpus.digests['train.bin'])
    throw new UserError('other-data', `${directory} was trained on other data than ${corpus.directory}`)
  const { sourceVocabulary, targetVocabulary, ...model } = config.model
  return { model, training: config.training, gradual: undefined }
}
