/** The training loop. It measures and saves; what is shown of it is its listener's affair. */

import { appendFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ArrayValue, Program } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { maskFromTensors, maskToTensors } from '../checkpoint/mask-file.ts'
import { parameterTensors, writeModel } from '../checkpoint/model-directory.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts'
import type { NetworkConfig } from '../configuration/network.ts'
import type { GradualConfig, TrainingConfig } from '../configuration/training.ts'
import { type Batch, collate, epochBatches } from '../corpus/batches.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import { batchValues } from '../network/batch-inputs.ts'
import { type Parameters, weightClasses } from '../network/parameters.ts'
import { compileEvaluation, perplexity } from '../network/perplexity.ts'
import { Mask } from '../pruning/mask.ts'
import { prune } from '../pruning/prune.ts'
import type { ImportanceScores } from '../pruning/scores.ts'
import { selectClasses, type WeightClass } from '../pruning/weights.ts'
import { exists } from '../storage/paths.ts'
import { gradualFraction } from './gradual.ts'
import { learningRateAt } from './learning-rate.ts'
import { effectiveRate, optimizerState } from './optimizer.ts'
import { compileTraining, maskName, type StepOptions, scoreName, stepState, sumName } from './step.ts'

/** What a listener is told after each update. */
export interface Progress {
  readonly step: number
  readonly epoch: number
  readonly totalSteps: number
  /** Mean −log p of a target word over the last updates. */
  readonly loss: number
  readonly learningRate: number
  readonly gradientNorm: number
  /** Target words (`</s>` included) of this update, and the seconds it took. */
  readonly words: number
  readonly seconds: number
}
/** One line of `metrics.jsonl`. */
export interface EpochMetrics {
  readonly epoch: number
  readonly step: number
  readonly learningRate: number
  readonly trainPerplexity: number
  readonly validPerplexity: number
  /** Whether this is the best model so far; while it is being pruned gradually, none is. */
  readonly best: boolean
  /** Share of the maskable weights that are gone. */
  readonly sparsity: number
  /** Mean −log p of a target word in training, of each tenth of the epoch. */
  readonly losses: readonly number[]
}
export interface TrainerEvents {
  onStep?(progress: Progress): void
  onEpoch?(metrics: EpochMetrics): void
}

/** Why training ended. */
export type Outcome = 'completed' | 'stopped-early' | 'interrupted'

export interface TrainerOptions {
  readonly directory: string
  readonly corpus: PreparedCorpus
  readonly model: NetworkConfig
  readonly training: TrainingConfig
  readonly mask?: Mask
  /** Pruning while training goes on. */
  readonly gradual?: GradualConfig
  readonly threads?: number
  readonly events?: TrainerEvents
  /** Once aborted, training saves and stops after the update in progress. */
  readonly signal?: AbortSignal
  /** Aborts where another run took the directory over: then nothing more is written. */
  readonly guard?: AbortSignal
}

/** Where training is: all that, beside the arrays, a resumed run needs. */
interface Place {
  epoch: number
  batch: number
  step: number
  /** Σ −log p and words of each tenth of the epoch. */
  tenths: { loss: number; words: number }[]
  /** Share of the weights that were gone when training began. */
  initialSparsity: number
  bestPerplexity: number
  epochsSinceBest: number
  metricsBytes: number
  finished: boolean
}
const START: Place = {
  epoch: 0,
  batch: 0,
  step: 0,
  tenths: [],
  initialSparsity: 0,
  bestPerplexity: Number.MAX_VALUE,
  epochsSinceBest: 0,
  metricsBytes: 0,
  finished: false,
}

/**
 * Trains until the epochs are done, early stopping ends them, or the signal interrupts. The directory then holds the
 * model of the best validation perplexity, and the place to go on from.
 * @param parameters are changed in place
 */
export async function train(options: TrainerOptions, parameters: Parameters, resume: boolean): Promise<Outcome> {
  const trainer = await Trainer.create(options, parameters)
  if (resume) await trainer.restore()
  else await trainer.save()
  return trainer.run()
}

class Trainer {
  #place: Place = structuredClone(START)
  readonly #scalars = { scale: new Float32Array(1), rate: new Float32Array(1) }

  private constructor(
    readonly options: TrainerOptions,
    readonly parameters: Parameters,
    readonly state: Map<string, ArrayValue>,
    readonly update: Program,
    readonly collect: Program | undefined,
    readonly evaluation: Program,
    /** What gradual pruning prunes. */
    readonly classes: readonly WeightClass[],
    readonly masks: ReadonlyMap<string, Float32Array>,
    public mask: Mask | undefined,
  ) {
    this.#place.initialSparsity = mask?.sparsity ?? 0
  }

  static async create(options: TrainerOptions, parameters: Parameters): Promise<Trainer> {
    const { model, training, gradual, threads } = options
    const classes = gradual ? selectClasses(weightClasses(parameterSpecs(model), parameters), gradual) : []
    const mask = gradual
      ? Mask.covering(
          classes.flatMap(({ tensors }) => tensors),
          options.mask,
        )
      : options.mask
    const gather = training.gather === 'none' ? undefined : training.gather
    const step: StepOptions = { ...training, gather, masked: new Set(mask?.kept.keys() ?? []), threads }
    const state = stepState(parameters, step)
    const { update, collect } = await compileTraining({ ...model, dropout: training.dropout ?? model.dropout }, step)
    const evaluation = await compileEvaluation(model, threads)
    const masks = new Map([...(mask?.kept ?? [])].map(([name, bits]) => [name, Float32Array.from(bits)]))
    for (const program of [update, collect, evaluation]) {
      if (!program) continue
      for (const [name, value] of [...parameters, ...state]) program.bind(name, value)
      for (const [name, data] of masks) program.bind(maskName(name), { shape: parameters.get(name)!.shape, data })
    }
    return new Trainer(options, parameters, state, update, collect, evaluation, classes, masks, mask)
  }

  #path(file: string): string {
    return join(this.options.directory, file)
  }

  async run(): Promise<Outcome> {
    const { training, corpus } = this.options
    const place = this.#place
    if (!(await exists(this.#path('metrics.jsonl')))) await writeFile(this.#path('metrics.jsonl'), '')
    await truncate(this.#path('metrics.jsonl'), place.metricsBytes)
    while (!place.finished) {
      const batches = epochBatches(corpus.train, { ...training, epoch: place.epoch })
      const groups = Math.ceil(batches.length / training.accumulation)
      // A fraction of an epoch at the end is trained and measured as an epoch.
      const last = Math.min(groups, Math.round((training.epochs - place.epoch) * groups))
      while (place.batch < last) {
        if (this.options.signal?.aborted) {
          await this.save()
          return 'interrupted'
        }
        this.options.guard?.throwIfAborted()
        this.#pruneGradually(place.epoch + place.batch / groups)
        await this.#step(batches, groups)
        if (place.step % training.checkpointEvery === 0 && place.batch < last) await this.save()
      }
      await this.#finishEpoch()
    }
    const early = place.epoch < training.epochs - 1e-9
    return early ? 'stopped-early' : 'completed'
  }

  async #step(batches: readonly Int32Array[], groups: number): Promise<void> {
    const { training, corpus, model, events } = this.options
    const place = this.#place
    const began = performance.now()
    const group = batches.slice(place.batch * training.accumulation, (place.batch + 1) * training.accumulation)
    const filled = group.map(indices => collate(corpus.train, indices, model.reverseSource))
    const sentences = filled.reduce((n, batch) => n + batch.size, 0)
    const learningRate = learningRateAt(training, place.epoch + place.batch / groups)
    const { loss, norm } = await this.#runGroup(filled, sentences, learningRate)
    const words = filled.reduce((n, batch) => n + batch.words, 0)
    place.step++
    place.batch++
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) throw this.#diverged(loss, norm)
    const tenth = Math.floor((10 * (place.batch - 1)) / groups)
    place.tenths[tenth] ??= { loss: 0, words: 0 }
    place.tenths[tenth].loss += loss
    place.tenths[tenth].words += words
    const seconds = (performance.now() - began) / 1000
    const totalSteps = Math.round(training.epochs * groups)
    const at = { step: place.step, epoch: place.epoch, totalSteps, learningRate, gradientNorm: norm }
    events?.onStep?.({ ...at, loss: loss / words, words, seconds })
  }

  async #runGroup(
    filled: readonly Batch[],
    sentences: number,
    learningRate: number,
  ): Promise<{ loss: number; norm: number }> {
    const { training } = this.options
    const step = this.#place.step + 1
    this.#scalars.scale[0] = 1 / sentences
    this.#scalars.rate[0] = effectiveRate(training.optimizer, learningRate, step)
    let loss = 0
    for (const [k, batch] of filled.entries()) {
      const final = k === filled.length - 1
      const program = final ? this.update : this.collect!
      const scalars = { scale: { data: this.#scalars.scale, shape: [] }, rate: { data: this.#scalars.rate, shape: [] } }
      const values = { ...batchValues(batch), ...(final && scalars) }
      const result = await program.run(values, { seed: training.seed, step: step * training.accumulation + k })
      loss += result.negativeLogLikelihood.data[0] as number
      if (!final) continue
      for (const [name, { data }] of this.state) if (name.startsWith(sumName(''))) data.fill(0 as never)
      return { loss, norm: result.norm.data[0] as number }
    }
    throw new RangeError('a group without batches')
  }

  #diverged(loss: number, norm: number): Error {
    return new UserError(
      'diverged',
      `step ${this.#place.step}: the loss is ${loss} and the gradient norm ${norm}. The last good checkpoint is in ` +
        `${this.options.directory}. Try a lower --set training.learningRate or training.maxGradientNorm, and --resume.`,
    )
  }

  /** Prunes to the fraction of this moment, where one is due. */
  #pruneGradually(progress: number): void {
    const { gradual } = this.options
    const place = this.#place
    if (!gradual || !this.mask) return
    const final = progress + 1e-9 >= gradual.end
    if (progress < gradual.begin || !(final || place.step % gradual.every === 0)) return
    const fraction = gradualFraction(gradual, progress, place.initialSparsity)
    const total = this.classes.reduce((n, { tensors }) => n + tensors.reduce((m, { data }) => m + data.length, 0), 0)
    const gone = this.classes.reduce((n, c) => n + c.tensors.reduce((m, { name }) => m + this.mask!.pruned(name), 0), 0)
    if (Math.round(fraction * total) <= gone) return
    this.#hold(
      prune(this.classes, {
        ...gradual,
        only: undefined,
        except: undefined,
        fraction,
        current: this.mask,
        importance: this.#scores(),
      }),
    )
  }

  /** Takes a mask over: pruned weights become zero, and so does what an optimiser knows of them. */
  #hold(mask: Mask): void {
    this.mask = mask
    const { optimizer } = this.options.training
    for (const [name, bits] of mask.kept) {
      this.masks.get(name)!.set(bits)
      const held = [this.parameters.get(name)!.data]
      for (const key of optimizerState(optimizer, name)) held.push(this.state.get(key)!.data as Float32Array)
      for (const data of held) for (let i = 0; i < bits.length; i++) if (bits[i] === 0) data[i] = 0
    }
  }

  /** What has been gathered so far. */
  #scores(): ImportanceScores | undefined {
    const { gather: kind } = this.options.training
    if (kind === 'none') return undefined
    const tensors = [...this.parameters.keys()].flatMap(name => {
      const found = this.state.get(scoreName(name))
      return found ? [[name, found.data as Float32Array] as const] : []
    })
    return { kind, tensors: new Map(tensors) }
  }

  async #finishEpoch(): Promise<void> {
    const { training, corpus, gradual, events } = this.options
    const place = this.#place
    const progress = Math.min(training.epochs, place.epoch + 1)
    this.#pruneGradually(progress)
    const validPerplexity = await perplexity(this.evaluation, corpus.valid, this.options.model)
    // A model that is still to lose weights is not the one that is wanted, however good it is.
    const eligible = !gradual || progress + 1e-9 >= gradual.end
    const best = eligible && validPerplexity < place.bestPerplexity
    place.bestPerplexity = best ? validPerplexity : place.bestPerplexity
    place.epochsSinceBest = best || !eligible ? 0 : place.epochsSinceBest + 1
    const tenths = place.tenths.filter(Boolean)
    const metrics: EpochMetrics = {
      epoch: place.epoch + 1,
      step: place.step,
      learningRate: learningRateAt(training, Math.max(0, place.epoch + 1 - 1e-6)),
      trainPerplexity: Math.exp(
        tenths.reduce((n, { loss }) => n + loss, 0) / tenths.reduce((n, { words }) => n + words, 0),
      ),
      validPerplexity,
      best,
      sparsity: this.mask?.sparsity ?? 0,
      losses: tenths.map(({ loss, words }) => loss / words),
    }
    place.epoch++
    Object.assign(place, { batch: 0, tenths: [] })
    const tired = training.patience > 0 && place.epochsSinceBest >= training.patience
    place.finished = tired || place.epoch >= training.epochs - 1e-9
    const line = `${JSON.stringify(metrics)}\n`
    await appendFile(this.#path('metrics.jsonl'), line)
    place.metricsBytes += Buffer.byteLength(line)
    if (best) await writeModel(this.options.directory, this.parameters, { mask: this.mask, scores: this.#scores() })
    await this.save()
    events?.onEpoch?.(metrics)
  }

  /** Everything a resumed run needs, in one file that appears whole; and what is kept to be rewound to. */
  async save(): Promise<void> {
    this.options.guard?.throwIfAborted()
    const { epoch, batch } = this.#place
    if (batch === 0 && this.options.training.snapshots.includes(epoch))
      await writeSafetensors(this.#path(`epoch-${epoch}.safetensors`), parameterTensors(this.parameters))
    const tensors = parameterTensors(this.parameters)
    for (const [name, { shape, data }] of this.state)
      tensors.set(name, { dtype: 'F32', shape, data: data as Float32Array })
    if (this.options.gradual) for (const [name, bits] of maskToTensors(this.mask!)) tensors.set(maskName(name), bits)
    await writeSafetensors(this.#path('last.safetensors'), tensors, {
      place: JSON.stringify(this.#place),
      data: this.options.corpus.digests['train.bin'],
    })
  }

  /** Goes back to what was saved last. @throws UserError where there is nothing, or it is of other data */
  async restore(): Promise<void> {
    const path = this.#path('last.safetensors')
    const { tensors, metadata } = await readSafetensors(path)
    if (metadata.data !== this.options.corpus.digests['train.bin'])
      throw new UserError('other-data', `${path} was trained on other data than ${this.options.corpus.directory}`)
    for (const [name, { data }] of [...this.parameters, ...this.state]) copyTensor(path, name, tensors.get(name), data)
    this.#place = { ...structuredClone(START), ...(JSON.parse(metadata.place) as Place) }
    if (!this.options.gradual) return
    const masks = [...this.masks.keys()].map(name => [name, tensors.get(maskName(name))!] as const)
    this.#hold(maskFromTensors(new Map(masks), this.parameters))
  }
}

function copyTensor(path: string, name: string, from: NamedTensor | undefined, to: ArrayValue['data']): void {
  if (from?.data.length !== to.length) throw new UserError('damaged-file', `${path}: ${name} does not fit this model`)
  ;(to as Float32Array).set(from.data as Float32Array)
}
