/**
 * A study: the paper's experiments on one's own data, as one job that can be stopped at any moment and goes on where it was.
 * It walks a plan: models are built by a store, measurements are kept in files.
 *
 *     study.json           the configuration, and the data it is about
 *     models/              models that were trained
 *     measurements/        what was measured, with the translations
 *     packed/              trained models of the first seed as packed files
 *     time.json            what the study's time went into
 *     browser.json         what bench/browser.js measured of the packed files, where it did
 *     results.json         all numbers; report.html and figures/ are drawn from it
 */
import { join, relative } from 'node:path'
import { readMetrics } from '../checkpoint/metrics-file.ts'
import { type ModelDirectory, modelClasses, readModel } from '../checkpoint/model-directory.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { openPrepared, readValidationText } from '../corpus/prepared.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import { defaultScoreTokenizer } from '../evaluation/index.ts'
import { prune } from '../pruning/index.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { withLock } from '../storage/lock.ts'
import { exists } from '../storage/paths.ts'
import { Interrupted, ModelStore } from '../store/model-store.ts'
import { dependencies, type Recipe, type TrainRecipe } from '../store/recipe.ts'
import { DivergedError } from '../training/diverged.ts'
import type { TrainingEvents } from '../training/metrics.ts'
import type { AnalysisContext } from './analyses/context.ts'
import { analyseModels } from './analyses/index.ts'
import { assembleResults } from './assemble.ts'
import { baselineConfiguration } from './baseline.ts'
import type { StudyConfiguration } from './configuration.ts'
import { describeModel } from './describe-model.ts'
import { Evaluators } from './evaluators.ts'
import type { Experiment } from './experiments.ts'
import { hasFailed, MeasurementStore, type Outcome } from './measurements.ts'
import { PackedStudy } from './packed-study.ts'
import {
  experimentCount,
  experimentLabel,
  experimentOf,
  isBuilt,
  planStudy,
  recipeLabel,
  remainingWork,
  type StudyPlan,
  withSeed,
} from './plan.ts'
import { provenance } from './provenance.ts'
import type { ModelResult, StudyResults } from './results.ts'
import { readResults, resultsPath } from './results-file.ts'
import { Scorer } from './scorer.ts'
import { SizeStudy } from './sizes/size-study.ts'
import { openStudyDirectory } from './study-directory.ts'
import { checkTestSets, type TestSet, testDigest, UNNAMED_TEST } from './test-sets.ts'
import { Stopwatch } from './time-left.ts'
import { TimeSpent } from './time-spent.ts'

export interface StudyOptions {
  readonly data: string
  readonly out: string
  readonly configuration: Configuration
  readonly study: StudyConfiguration
  /** What models are scored on, together and each by itself; default: the validation text of the data. */
  readonly tests?: readonly TestSet[]
  /** A model trained on this data, so that it is not trained again; its configuration is the study's. */
  readonly baseline?: string
  /** Go on in a directory whose study had another configuration: what was measured and still counts is taken over. */
  readonly update?: boolean
  /** As the user gave it, for the report. */
  readonly command?: string
  readonly threads?: number
  readonly signal?: AbortSignal
  readonly events?: StudyEvents
}

export interface StudyEvents {
  /** An experiment begins, the n-th of `total` (0: an analysis); seconds left as far as is known. */
  onExperiment?(label: string, n: number, total: number, secondsLeft: number | undefined): void
  onTraining?(label: string): TrainingEvents | undefined
  onResult?(result: ModelResult, label: string): void
  /** An experiment has no model because its training diverged. */
  onFailure?(reason: string, label: string): void
  /** Told in a sentence of what is unusual, as of a lock that was left behind. */
  onNotice?(message: string): void
}

/**
 * Runs a study, or what is left of it.
 * @returns the results, which are also written after each experiment
 * @throws Interrupted; UserError `in-use`, `other-data`, `other-configuration`, `other-seed`, `other-format`, `output-exists`,
 *   and those of {@link checkTestSets}
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

/** Training pairs whose perplexity is measured: about as many as there are validation pairs. */
const TRAIN_SAMPLE = 1000

interface StudyParts {
  readonly options: StudyOptions
  readonly corpus: PreparedCorpus
  readonly plan: StudyPlan
  readonly models: ModelStore
  readonly measurements: MeasurementStore
  readonly scorer: Scorer
  readonly stopwatch: Stopwatch
  readonly time: TimeSpent
  readonly sizes: SizeStudy
  readonly packed: PackedStudy
}

class Study {
  readonly #outcomes = new Map<Experiment, Outcome>()
  /** Recipes whose training diverged. */
  readonly #diverged = new Set<string>()
  readonly #evaluators: Evaluators
  /** Of the seed that was looked at last. */
  #context: { readonly key: string; readonly promise: Promise<AnalysisContext> } | undefined

  private constructor(readonly parts: StudyParts) {
    const { options, corpus, scorer, time } = parts
    const { train, valid } = corpus
    this.#evaluators = new Evaluators({
      scorer,
      valid,
      train: train.sample(TRAIN_SAMPLE),
      time,
      threads: options.threads,
    })
  }

  static async open(options: StudyOptions): Promise<Study> {
    const { out, baseline, threads, signal, events, update = false } = options
    const corpus = await openPrepared(options.data)
    const configuration = baseline
      ? await baselineConfiguration(baseline, corpus, options.study.seeds)
      : { ...options.configuration, gradual: undefined }
    const seeds = options.study.seeds ?? [configuration.training.seed]
    const study = { ...options.study, seeds }
    const plan = planStudy(configuration, study)
    const tests = options.tests ?? [{ name: UNNAMED_TEST, ...(await readValidationText(options.data)) }]
    checkTestSets(tests)
    const test = testDigest(tests)
    const identity = {
      data: corpus.digests['train.bin'],
      test,
      configuration: { ...withSeed(configuration, seeds[0]), study },
    }
    await openStudyDirectory({ out, corpus: corpus.directory, update, ...identity })
    if (await exists(resultsPath(out))) await readResults(out)
    const stopwatch = new Stopwatch()
    const models = await ModelStore.open(join(out, 'models'), corpus, {
      threads,
      signal,
      onModel: recipe =>
        stopwatch.timeTraining(events?.onTraining?.(recipeLabel(plan, recipe)), experimentOf(plan, recipe)?.effort),
    })
    if (baseline) models.register(plan.bases[seeds.indexOf(configuration.training.seed)], baseline)
    const setting = { beam: study.beam, test }
    const measurements = await MeasurementStore.open(join(out, 'measurements'), models, setting)
    const scorer = new Scorer(tests, { tokenizer: defaultScoreTokenizer(corpus.tokenizers) })
    const time = await TimeSpent.open(join(out, 'time.json'))
    const onMeasure = () => events?.onExperiment?.('speeds', 0, experimentCount(plan), undefined)
    const shared = { study, models, measurements, time, signal, onMeasure }
    const sizes = new SizeStudy({ ...shared, corpus, threads })
    const packed = await PackedStudy.open({ ...shared, out, firstSeed: seeds[0], scorer })
    return new Study({ options, corpus, plan, models, measurements, scorer, stopwatch, time, sizes, packed })
  }

  async run(): Promise<StudyResults> {
    const { options, plan, measurements, packed } = this.parts
    // Small models join the list while it is walked.
    for (const [i, experiment] of plan.experiments.entries()) {
      if (options.signal?.aborted) throw new Interrupted()
      const known = await measurements.read(experiment)
      const outcome = known ?? (await this.#begin(experiment, i))
      this.#remember(experiment, outcome)
      if (!hasFailed(outcome)) await packed.measure(experiment)
      if (!known && isBuilt(experiment)) await this.#write(false)
      await this.#addSmallModels(i)
    }
    return this.#write(true)
  }

  /** Performs an experiment that was not done before, and tells of it. */
  async #begin(experiment: Experiment, place: number): Promise<Outcome> {
    const { options, plan, models, measurements, stopwatch } = this.parts
    const label = experimentLabel(plan, experiment)
    const left = stopwatch.secondsFor(await remainingWork(plan, place, models, measurements))
    options.events?.onExperiment?.(label, place + 1, experimentCount(plan), left)
    const outcome = await this.#perform(experiment)
    await measurements.write(experiment, outcome)
    if (hasFailed(outcome)) options.events?.onFailure?.(outcome.failed, label)
    else options.events?.onResult?.(outcome.result, label)
    return outcome
  }

  /** Adds the small models of a seed where its last other experiment is done. @param place of the experiment that is done */
  async #addSmallModels(place: number): Promise<void> {
    const { plan, sizes } = this.parts
    const { seed, group } = plan.experiments[place]
    if (group === 'small' || plan.experiments[place + 1]?.seed === seed) return
    const ofSeed = plan.experiments.filter(experiment => experiment.seed === seed)
    const results = new Map<string, ModelResult>()
    for (const experiment of ofSeed) {
      const outcome = this.#outcomes.get(experiment)
      if (outcome && !hasFailed(outcome)) results.set(experiment.id, outcome.result)
    }
    const base = plan.bases[plan.seeds.indexOf(seed)]
    plan.experiments.splice(place + 1, 0, ...(await sizes.smallExperiments(base, ofSeed, results)))
  }

  async release(): Promise<void> {
    await this.parts.time.keep()
    await this.#evaluators.release()
  }

  #remember(experiment: Experiment, outcome: Outcome): void {
    this.#outcomes.set(experiment, outcome)
    if (hasFailed(outcome)) this.#diverged.add(this.parts.models.key(experiment.recipe))
  }

  async #perform(experiment: Experiment): Promise<Outcome> {
    const { models, time, stopwatch, plan } = this.parts
    const missing = this.#divergedPart(experiment.recipe)
    if (missing) return { failed: `did not train: ${recipeLabel(plan, missing)}, which it builds on, did not` }
    let directory: string | undefined
    try {
      if (isBuilt(experiment))
        directory = (await time.measure('training', () => models.build(experiment.recipe))).result
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error
      return { failed: `did not train: ${error.reason}` }
    }
    const model = directory === undefined ? await this.#pruneInMemory(experiment) : await readModel(directory)
    return stopwatch.timeMeasurement(async () => {
      const evaluator = await this.#evaluators.of(model)
      const { translations, ...scores } = await evaluator.measure(model.parameters, plan.study.beam)
      const epochs = directory ? await readMetrics(directory) : []
      return { result: { ...describeModel(experiment, model), ...scores, epochs }, translations }
    })
  }

  /** What a recipe builds on that is known to diverge. */
  #divergedPart(recipe: Recipe): Recipe | undefined {
    for (const part of dependencies(recipe)) {
      const found = this.#diverged.has(this.parts.models.key(part)) ? part : this.#divergedPart(part)
      if (found) return found
    }
    return undefined
  }

  /** A pruned model that nobody needs on disk. */
  async #pruneInMemory({ recipe }: Experiment): Promise<ModelDirectory> {
    if (recipe.kind !== 'prune' || recipe.of.kind !== 'train')
      throw new Error('only the unpruned model is pruned in memory')
    const { dense, classes } = await this.#contextOf(recipe.of)
    const mask = prune(classes, { ...recipe.selection, importance: dense.scores })
    return { ...dense, parameters: mask.apply(dense.parameters), mask }
  }

  /** The unpruned model of a seed, read once as long as no other seed's is looked at. */
  #contextOf(base: TrainRecipe): Promise<AnalysisContext> {
    const key = this.parts.models.key(base)
    if (this.#context?.key !== key) this.#context = { key, promise: this.#openContext(base) }
    return this.#context.promise
  }

  async #openContext(base: TrainRecipe): Promise<AnalysisContext> {
    const { options, corpus, models, plan, scorer } = this.parts
    const dense = await readModel(await models.build(base))
    const evaluator = await this.#evaluators.of(dense)
    const { seed } = base.configuration.training
    const classes = modelClasses(dense)
    const { study } = plan
    return { seed, dense, classes, train: corpus.train, evaluator, scorer, study, signal: options.signal }
  }

  /** Puts together what is known, and writes it. */
  async #write(complete: boolean): Promise<StudyResults> {
    const { options, corpus, plan, models, measurements, scorer, time, sizes, packed } = this.parts
    if (complete) await packed.measureSpeeds()
    const trained = plan.experiments.filter(experiment => {
      const outcome = this.#outcomes.get(experiment)
      return outcome && !hasFailed(outcome)
    })
    const bases = plan.bases.filter(base => trained.some(({ recipe }) => recipe === base))
    const analysed = bases[0]?.configuration.training.seed ?? plan.seeds[0]
    const analyses = await analyseModels({
      ...{ bases, study: plan.study, models, measurements },
      built: trained.filter(experiment => experiment.seed === analysed && isBuilt(experiment)),
      contextOf: base => this.#contextOf(base),
      onAnalysis: (name, seed) =>
        options.events?.onExperiment?.(experimentLabel(plan, { id: name, seed }), 0, experimentCount(plan), undefined),
    })
    const results = assembleResults({
      ...{ plan, scorer, complete, analysed, ...analyses },
      data: corpus.digests['train.bin'],
      seconds: await time.keep(),
      made: provenance(options),
      outcomes: this.#outcomes,
      sizes: sizes.section(),
      browser: packed.browser,
      packedOf: experiment => packed.resultOf(experiment),
      directoryOf: experiment =>
        isBuilt(experiment) ? relative(options.out, models.directory(experiment.recipe)) : undefined,
    })
    await writeFileAtomic(resultsPath(options.out), `${JSON.stringify(results, null, 1)}\n`)
    return results
  }
}
