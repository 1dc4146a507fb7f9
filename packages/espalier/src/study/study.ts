/**
 * A study: the paper's experiments on one's own data, as one job that can be stopped at any moment and goes on where it
 * was. Models are made by the workshop; what is measured of each is kept in a file named by its recipe's key.
 *
 *     study.json           the configuration, and the data it is about
 *     models/              models that were trained
 *     measurements/        what was measured, with the translations
 *     results.json         all numbers; report.html and figures/ are drawn from it
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { UserError } from '@espalier/runtime'
import { readMetrics } from '../checkpoint/metrics-file.ts'
import { type ModelDirectory, readConfig, readModel } from '../checkpoint/model-directory.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { openPrepared, type PreparedCorpus, readValidationText } from '../corpus/prepared.ts'
import { evaluateModel } from '../evaluation/evaluate-model.ts'
import {
  type BleuOptions,
  bleu,
  corpusStatistics,
  type Metric,
  pairedBootstrap,
  type ScoreTokenizer,
} from '../evaluation/index.ts'
import { measureSensitivity, perplexityMeter } from '../evaluation/sensitivity.ts'
import { parameterSpecs, weightClasses } from '../network/parameters.ts'
import { classReport, Mask, prune, type WeightClass } from '../pruning/index.ts'
import { markDirectory } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { parseJson } from '../storage/json.ts'
import { withLock } from '../storage/lock.ts'
import { exists } from '../storage/paths.ts'
import type { TrainerEvents } from '../training/trainer.ts'
import { openTranslator } from '../translation/onnx-translator.ts'
import { answerClaims } from './claims/index.ts'
import type { StudyConfiguration } from './configuration.ts'
import { describeDistributions } from './distributions.ts'
import { baselineRecipe, type Experiment, experiments } from './experiments.ts'
import { digestOf, epochsOf, type Recipe, type TrainRecipe } from './recipe.ts'
import { describeRedundancy } from './redundancy.ts'
import { type ModelResult, representativeRetrained, resultsSchema, type StudyResults } from './results.ts'
import { Interrupted, Workshop } from './workshop.ts'

/** A text to translate and its translation. */
export interface TestText {
  readonly sources: readonly string[]
  readonly references: readonly string[]
}

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
  /** An experiment begins: the place-th of all, `remaining` of which are not done; seconds left as far as is known. */
  onExperiment?(label: string, place: number, total: number, secondsLeft: number | undefined): void
  onTraining?(label: string): TrainerEvents | undefined
  onResult?(result: ModelResult): void
}

/** What is kept of an experiment. */
interface Measurement {
  readonly result: Omit<ModelResult, 'pValue'>
  readonly translations: readonly string[]
}

/** Runs a study, or what is left of it. @returns the results, also written with each experiment that is done */
export async function runStudy(options: StudyOptions): Promise<StudyResults> {
  return withLock(options.out, async () => (await Study.open(options)).run())
}

class Study {
  readonly #measured = new Map<string, Measurement>()
  #dense: ModelDirectory | undefined
  /** Seconds that an epoch of training and a measurement took last. */
  #epochSeconds: number | undefined
  #measureSeconds: number | undefined

  private constructor(
    readonly options: StudyOptions,
    readonly corpus: PreparedCorpus,
    readonly workshop: Workshop,
    readonly base: TrainRecipe,
    readonly list: readonly Experiment[],
    readonly test: TestText,
    readonly metric: Metric,
    readonly scoring: BleuOptions,
  ) {}

  static async open(options: StudyOptions): Promise<Study> {
    const corpus = await openPrepared(options.data)
    const configuration = options.baseline
      ? await configurationOf(options.baseline, corpus)
      : { ...options.configuration, gradual: undefined }
    const base = baselineRecipe(configuration, options.study)
    const list = experiments(base, options.study)
    const test = options.test ?? (await readValidationText(options.data))
    await claimDirectory(options, corpus, configuration, test)
    let label = ''
    let study: Study | undefined
    const workshop = await Workshop.open(join(options.out, 'models'), options.data, {
      threads: options.threads,
      signal: options.signal,
      onModel: recipe => {
        label = study ? labelOf(study.list, recipe) : ''
        return study?.listen(recipe, options.events?.onTraining?.(label))
      },
    })
    if (options.baseline) workshop.adopt(base, options.baseline)
    const tokenizer: ScoreTokenizer = corpus.tokenizers.target.kind === 'none' ? 'none' : '13a'
    const scoring = { tokenizer }
    study = new Study(options, corpus, workshop, base, list, test, bleu(scoring), scoring)
    return study
  }

  async run(): Promise<StudyResults> {
    const { events, signal } = this.options
    await markDirectory(join(this.options.out, 'measurements'), 'measurements')
    for (const [i, experiment] of this.list.entries()) {
      if (signal?.aborted) throw new Interrupted()
      const known = await this.#recall(experiment)
      if (!known) events?.onExperiment?.(experiment.id, i + 1, this.list.length, await this.#secondsLeft(i))
      const measurement = known ?? (await this.#measure(experiment))
      this.#measured.set(experiment.id, measurement)
      if (!known) {
        events?.onResult?.(measurement.result)
        if (experiment.group !== 'pruned') await this.#write(false)
      }
    }
    return this.#write(true)
  }

  /** Times the epochs of a training. */
  listen(_recipe: Recipe, events: TrainerEvents | undefined): TrainerEvents {
    let began = performance.now()
    return {
      onStep: progress => events?.onStep?.(progress),
      onEpoch: metrics => {
        // The last epoch may be a part of one.
        this.#epochSeconds = (performance.now() - began) / 1000 / (metrics.losses.length / 10)
        began = performance.now()
        events?.onEpoch?.(metrics)
      },
    }
  }

  async #secondsLeft(from: number): Promise<number | undefined> {
    if (this.#measureSeconds === undefined) return undefined
    let [epochs, measurements] = [0, 0]
    const counted = new Set<string>()
    for (const experiment of this.list.slice(from)) {
      if (await exists(this.#path(experiment))) continue
      measurements++
      if (experiment.group === 'pruned') continue
      for (const recipe of await this.workshop.missing(experiment.recipe)) {
        const key = this.workshop.key(recipe)
        if (!counted.has(key)) epochs += epochsOf(recipe)
        counted.add(key)
      }
    }
    if (epochs > 0 && this.#epochSeconds === undefined) return undefined
    return epochs * (this.#epochSeconds ?? 0) + measurements * this.#measureSeconds
  }

  #path({ id, recipe }: Experiment): string {
    const { beam } = this.options.study
    const key = digestOf({ model: this.workshop.key(recipe), beam, test: this.test }).slice(0, 10)
    return join(this.options.out, 'measurements', `${id}-${key}.json`)
  }

  async #recall(experiment: Experiment): Promise<Measurement | undefined> {
    const path = this.#path(experiment)
    if (!(await exists(path))) return undefined
    return parseJson(await readFile(path, 'utf8'), path) as Measurement
  }

  async #measure(experiment: Experiment): Promise<Measurement> {
    const { recipe, group } = experiment
    const directory = group === 'pruned' ? undefined : await this.workshop.make(recipe)
    const model = directory ? await readModel(directory) : await this.#pruneInMemory(experiment)
    const began = performance.now()
    const classes = classesOf(model)
    const mask = model.mask ?? new Mask(new Map())
    const reports = classes.map(weightClass => classReport(weightClass, mask))
    const weights = reports.reduce((n, c) => n + c.weights, 0)
    const kept = weights - reports.reduce((n, c) => n + c.pruned, 0)
    const biases = [...model.parameters.values()].reduce((n, { data }) => n + data.length, 0) - weights
    const scores = await evaluateModel(model, this.test.sources, this.test.references, {
      ...this.scoring,
      beam: this.options.study.beam,
      threads: this.options.threads,
    })
    const result = {
      id: experiment.id,
      group,
      name: experiment.name,
      fraction: experiment.fraction,
      sparsity: 1 - kept / weights,
      weights,
      kept,
      bytes: 4 * (kept + biases) + (model.mask ? Math.ceil(weights / 8) : 0),
      bleu: this.#interval(scores.translations),
      chrf: scores.scores.chrf.score,
      ter: scores.scores.ter.score,
      perplexity: scores.perplexity,
      validPerplexity: await this.#validPerplexity(model),
      wordsPerSecond: scores.wordsPerSecond,
      classes: reports,
      epochs: directory ? await readMetrics(directory) : [],
    }
    this.#measureSeconds = (performance.now() - began) / 1000
    const measurement = { result, translations: scores.translations }
    await writeFileAtomic(this.#path(experiment), `${JSON.stringify(measurement)}\n`)
    return measurement
  }

  /** The unpruned model; it is read once. */
  async #baseline(): Promise<ModelDirectory> {
    this.#dense ??= await readModel(await this.workshop.make(this.base))
    return this.#dense
  }

  /** A pruned model that nobody needs on disk. */
  async #pruneInMemory({ recipe }: Experiment): Promise<ModelDirectory> {
    if (recipe.kind !== 'prune') throw new Error(`${recipe.kind} where a pruned model is expected`)
    const dense = await this.#baseline()
    const mask = prune(classesOf(dense), { ...recipe.selection, gathered: dense.scores })
    return { ...dense, parameters: mask.apply(dense.parameters), mask }
  }

  async #validPerplexity(model: ModelDirectory): Promise<number> {
    const meter = await perplexityMeter(model, this.corpus.valid, this.options.threads)
    const found = await meter.measure(model.parameters)
    await meter.release()
    return found
  }

  #statistics(translations: readonly string[]): number[][] {
    return corpusStatistics(this.metric, translations, [this.test.references])
  }

  #interval(translations: readonly string[]): ModelResult['bleu'] {
    const [{ score, low, high }] = pairedBootstrap(this.metric, [this.#statistics(translations)])
    return { score, low, high }
  }

  /** BLEU of one experiment against another. */
  #compare(better: string, than: string): StudyResults['comparisons'] {
    const [a, b] = [this.#measured.get(better), this.#measured.get(than)]
    if (!a || !b) return []
    const found = pairedBootstrap(this.metric, [this.#statistics(b.translations), this.#statistics(a.translations)])
    return [{ better, than, difference: found[1].score - found[0].score, pValue: found[1].pValue! }]
  }

  #comparisons(): StudyResults['comparisons'] {
    const { schemes, levels, scratch } = this.options.study
    const percent = (fraction: number) => String(Number((100 * fraction).toFixed(2)))
    return [
      ...levels.flatMap(level =>
        schemes
          .filter(scheme => scheme !== 'class-blind')
          .flatMap(scheme => this.#compare(`class-blind-${percent(level)}`, `${scheme}-${percent(level)}`)),
      ),
      ...scratch.flatMap(level => this.#compare(`retrained-${percent(level)}`, `scratch-${percent(level)}`)),
    ]
  }

  /** Puts together what is known, and writes it. Analyses are made when the study is complete, or remembered. */
  async #write(complete: boolean): Promise<StudyResults> {
    const models = this.list.flatMap(({ id, group, recipe }): ModelResult[] => {
      const found = this.#measured.get(id)
      if (!found) return []
      const pValue = id === 'dense' ? undefined : this.#compare(id, 'dense')[0]?.pValue
      const directory = group === 'pruned' ? undefined : relative(this.options.out, this.workshop.directory(recipe))
      return [{ ...found.result, ...(pValue !== undefined && { pValue }), ...(directory && { directory }) }]
    })
    const dense = await this.#baseline()
    const partial = {
      format: 1 as const,
      complete,
      data: this.corpus.digests['train.bin'],
      configuration: { ...this.base.configuration, study: this.options.study },
      sentences: this.test.sources.length,
      signature: `nrefs:1|${this.metric.signature}`,
      models,
      comparisons: this.#comparisons(),
      sensitivity: await this.#sensitivity(dense),
      breakdown: await this.#breakdown(dense),
      redundancy: this.#redundancy(dense),
      distributions: await this.#distributions(dense),
    }
    const results = resultsSchema.parse({ ...partial, claims: answerClaims(partial) })
    await writeFileAtomic(join(this.options.out, 'results.json'), `${JSON.stringify(results, null, 1)}\n`)
    return results
  }

  /** Remembers what an analysis of the baseline gave. */
  async #analysis<T>(name: string, input: unknown, make: () => Promise<T>): Promise<T> {
    const key = digestOf({ model: this.workshop.key(this.base), input }).slice(0, 10)
    const path = join(this.options.out, 'measurements', `${name}-${key}.json`)
    if (await exists(path)) return parseJson(await readFile(path, 'utf8'), path) as T
    this.options.events?.onExperiment?.(name, 0, this.list.length, undefined)
    const found = await make()
    await writeFileAtomic(path, `${JSON.stringify(found)}\n`)
    return found
  }

  #sensitivity(dense: ModelDirectory): Promise<StudyResults['sensitivity']> {
    const { levels, bleu: translate } = this.options.study.sensitivity
    return this.#analysis('sensitivity', { levels, translate, test: this.test }, async () => {
      const { points } = await measureSensitivity(dense, this.corpus.valid, { levels, threads: this.options.threads })
      if (!translate) return [...points]
      const translator = await openTranslator(dense, this.options.threads)
      const classes = classesOf(dense)
      const found: StudyResults['sensitivity'] = []
      try {
        for (const point of points) {
          if (this.options.signal?.aborted) throw new Interrupted()
          const mask = prune(classes, { scheme: 'class-blind', fraction: point.fraction, only: [point.name] })
          translator.network.bind(mask.apply(dense.parameters))
          const results = await translator.translate(this.test.sources, { beam: 1 })
          const translations = results.map(([best]) => best.text)
          const score = this.#interval(translations).score
          found.push({ ...point, bleu: score })
        }
      } finally {
        await translator.release()
      }
      return found
    })
  }

  /** Each scheme at one fraction, each class's share of it pruned alone. */
  #breakdown(dense: ModelDirectory): Promise<StudyResults['breakdown']> {
    const { schemes, breakdownAt } = this.options.study
    const compared = schemes.filter(scheme => scheme !== 'random' && scheme !== 'taylor' && scheme !== 'movement')
    return this.#analysis('breakdown', { compared, breakdownAt }, async () => {
      const classes = classesOf(dense)
      const meter = await perplexityMeter(dense, this.corpus.valid, this.options.threads)
      const found: StudyResults['breakdown'] = []
      for (const scheme of compared) {
        const mask = prune(classes, { scheme, fraction: breakdownAt })
        for (const weightClass of classes) {
          const own = new Mask(
            new Map([...mask.kept].filter(([name]) => weightClass.tensors.some(t => t.name === name))),
          )
          const { pruned, weights, largestPruned } = classReport(weightClass, own)
          const perplexity = await meter.measure(own.apply(dense.parameters))
          found.push({ scheme, name: weightClass.name, fraction: pruned / weights, perplexity, largestPruned })
        }
      }
      await meter.release()
      return found
    })
  }

  #redundancy(dense: ModelDirectory): StudyResults['redundancy'] {
    const fraction = this.options.study.picturesAt
    const mask = prune(classesOf(dense), { scheme: 'class-blind', fraction })
    return describeRedundancy(dense.config.model, mask, fraction)
  }

  /** The unpruned model, and the one whose story the losses tell. */
  async #distributions(dense: ModelDirectory): Promise<StudyResults['distributions']> {
    const retrained = representativeRetrained(this.list.filter(({ id }) => this.#measured.has(id)))
    const models = new Map([['dense', classesOf(dense)]])
    if (retrained) models.set(retrained.id, classesOf(await readModel(this.workshop.directory(retrained.recipe))))
    return describeDistributions(models)
  }
}

function classesOf(model: ModelDirectory): WeightClass[] {
  return weightClasses(parameterSpecs(model.config.model), model.parameters)
}

function labelOf(list: readonly Experiment[], recipe: Recipe): string {
  const key = digestOf(recipe)
  return list.find(experiment => digestOf(experiment.recipe) === key)?.id ?? recipe.kind
}

/** The configuration a model was trained with. @throws UserError `other-data` */
async function configurationOf(directory: string, corpus: PreparedCorpus): Promise<Configuration> {
  const config = await readConfig(directory)
  if (config.data !== corpus.digests['train.bin'])
    throw new UserError('other-data', `${directory} was trained on other data than ${corpus.directory}`)
  const { sourceVocabulary, targetVocabulary, ...model } = config.model
  return { model, training: config.training, gradual: undefined }
}

/** Begins a study's directory, or makes sure that it is this study's. */
async function claimDirectory(
  { out, study, update = false }: StudyOptions,
  corpus: PreparedCorpus,
  configuration: Configuration,
  test: TestText,
): Promise<void> {
  const path = join(out, 'study.json')
  const data = corpus.digests['train.bin']
  const about = { format: 1, data, test: digestOf(test), configuration: { ...configuration, study } }
  const text = `${JSON.stringify(about, null, 2)}\n`
  if (await exists(path)) {
    const found = parseJson(await readFile(path, 'utf8'), path) as typeof about
    if (found.data !== data)
      throw new UserError('other-data', `${out} is a study of other data than ${corpus.directory}`)
    if (digestOf(found) !== digestOf(JSON.parse(text)) && !update)
      throw new UserError(
        'other-configuration',
        `${out} is a study with another configuration or test text (see ${path}); --update goes on with this one`,
      )
  } else if ((await exists(out)) && (await readdir(out)).length > 0)
    throw new UserError('output-exists', `${out} exists and is no study; choose another --out`)
  await markDirectory(out, 'study')
  await writeFileAtomic(path, text)
}
