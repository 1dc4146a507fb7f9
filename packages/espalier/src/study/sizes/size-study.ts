/**
 * Claim 7 while a study runs: which pruned models are compared, how small the dense ones are, and how long they are trained.
 * Speeds are measured once and kept with the study's measurements, so that a study that goes on trains for as many epochs.
 */
import { readMetrics } from '../../checkpoint/metrics-file.ts'
import { readModel } from '../../checkpoint/model-directory.ts'
import { networkConfig } from '../../configuration/network.ts'
import type { PreparedCorpus } from '../../corpus/prepared-corpus.ts'
import { initialParameters } from '../../network/parameters.ts'
import { digestOf } from '../../store/model-key.ts'
import type { ModelStore } from '../../store/model-store.ts'
import { originOf, type Recipe, type TrainRecipe } from '../../store/recipe.ts'
import { updatesPerEpoch } from '../../training/epoch-plan.ts'
import type { StudyConfiguration } from '../configuration.ts'
import type { Experiment } from '../experiments.ts'
import type { MeasurementStore } from '../measurements.ts'
import type { ModelResult } from '../results.ts'
import type { SizePair } from '../size-results.ts'
import type { TimeSpent } from '../time-spent.ts'
import { type EpochSeconds, epochsWithin, trainingSeconds } from './budget.ts'
import { largeCandidates, smallExperiment, smallId, smallTraining } from './size-experiments.ts'
import { type SmallNetwork, smallNetwork } from './small-network.ts'
import { secondsPerEpoch } from './training-speed.ts'

export interface SizeStudyParts {
  readonly study: StudyConfiguration
  readonly corpus: PreparedCorpus
  readonly models: ModelStore
  readonly measurements: MeasurementStore
  readonly time: TimeSpent
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Told before speeds are measured. */
  onMeasure?(): void
}

/** The results of a seed's experiments, by id; absent where one did not train. */
export type ResultsOfSeed = ReadonlyMap<string, Pick<ModelResult, 'kept' | 'validPerplexity'>>

/** What is the same for all seeds. */
interface Matched {
  /** The experiment of the large and sparse model. */
  readonly id: string
  /** Weights that it keeps. */
  readonly kept: number
  readonly small: SmallNetwork
  readonly seconds: EpochSeconds
}

export class SizeStudy {
  /** By the share that is kept. The first seed decides whose large model trained. */
  readonly #matched = new Map<number, Matched>()
  readonly #budgets = new Map<number, SizePair['budgets']>()

  constructor(readonly parts: SizeStudyParts) {}

  /**
   * The small models of a seed, once its other models are measured. Seeds come in their order.
   * @param base the seed's dense model
   */
  async smallExperiments(
    base: TrainRecipe,
    experiments: readonly Experiment[],
    results: ResultsOfSeed,
  ): Promise<Experiment[]> {
    const { study } = this.parts
    const small: Experiment[] = []
    for (const kept of study.sizes?.kept ?? []) {
      const candidates = largeCandidates(base, study, experiments, kept).filter(({ id }) => results.has(id))
      const matched = this.#matched.get(kept) ?? (await this.#match(candidates, results))
      if (matched) this.#matched.set(kept, matched)
      const large = candidates.find(({ id }) => id === matched?.id)
      if (!matched || !large) continue
      const seconds = trainingSeconds(large.recipe, await this.#epochsTrained(large.recipe), matched.seconds)
      const epochs = epochsWithin(seconds, matched.seconds.small)
      const budgets = (this.#budgets.get(kept) ?? []).filter(({ seed }) => seed !== large.seed)
      this.#budgets.set(kept, [...budgets, { seed: large.seed, seconds, epochs }])
      const effort = matched.seconds.small / matched.seconds.dense
      small.push(smallExperiment(study, { kept, large, network: matched.small.model, epochs, effort }))
    }
    return small
  }

  /** What is known so far; undefined where a study does not ask for it. */
  section(): SizePair[] | undefined {
    if (this.parts.study.sizes === undefined) return undefined
    return [...this.#matched].flatMap(([share, matched]) => {
      const budgets = this.#budgets.get(share)
      if (!budgets) return []
      const { id, kept, small, seconds } = matched
      return {
        share,
        sparse: id,
        small: smallId(share),
        weights: { sparse: kept, small: small.weights },
        hidden: small.model.hidden,
        secondsPerEpoch: seconds,
        budgets,
      }
    })
  }

  /** Chooses the large model by its perplexity on validation text, and measures what trains how fast. */
  async #match(candidates: readonly Experiment[], results: ResultsOfSeed): Promise<Matched | undefined> {
    const perplexity = ({ id }: Experiment) => results.get(id)?.validPerplexity ?? Number.POSITIVE_INFINITY
    const [large] = [...candidates].sort((a, b) => perplexity(a) - perplexity(b))
    if (!large) return undefined
    const { kept } = results.get(large.id)!
    const { configuration } = originOf(large.recipe)
    const small = smallNetwork(configuration.model, this.#vocabularies(), kept)
    const input = { network: small.model, small: this.parts.study.sizes?.small }
    const seconds = await this.parts.measurements.analysis('training-speeds', large.recipe, input, () => {
      this.parts.onMeasure?.()
      return this.#measureSpeeds(large, small)
    })
    return { id: large.id, kept, small, seconds }
  }

  async #measureSpeeds(large: Experiment, small: SmallNetwork): Promise<EpochSeconds> {
    const { corpus, models, study, time, threads, signal } = this.parts
    const origin = originOf(large.recipe)
    const openModel = (recipe: Recipe) => async () => {
      const { config, parameters, mask } = await readModel(models.directory(recipe))
      return { network: config.model, parameters, mask }
    }
    const network = networkConfig(small.model, this.#vocabularies())
    const { training } = origin.configuration
    const trainings = [
      { training, open: openModel(origin) },
      { training: trainingOf(large.recipe), open: openModel(large.recipe) },
      {
        training: smallTraining(large, study.sizes?.small ?? {}, training.epochs),
        open: async () => ({ network, parameters: initialParameters(network, training.seed) }),
      },
    ]
    const measured = await time.measure('training', () => secondsPerEpoch(trainings, { corpus, threads, signal }))
    const [dense, sparse, ofSmall] = measured.result
    return { dense, sparse, small: ofSmall }
  }

  /** Epochs that each training on the way to a model has taken. */
  async #epochsTrained(recipe: Recipe): Promise<(part: Recipe) => number> {
    const { models, corpus } = this.parts
    const epochs = new Map<string, number>()
    for (let part: Recipe | undefined = recipe; part; part = part.kind === 'train' ? undefined : part.of) {
      if (part.kind === 'prune') continue
      const steps = (await readMetrics(models.directory(part))).at(-1)?.step ?? 0
      epochs.set(digestOf(part), steps / updatesPerEpoch(corpus.train.length, trainingOf(part)))
    }
    return part => epochs.get(digestOf(part)) ?? 0
  }

  #vocabularies() {
    const { source, target } = this.parts.corpus.vocabularies
    return { source: source.size, target: target.size }
  }
}

/** The settings that a model was last trained with. */
function trainingOf(recipe: Recipe) {
  if (recipe.kind === 'prune') return originOf(recipe).configuration.training
  return recipe.kind === 'train' ? recipe.configuration.training : recipe.training
}
