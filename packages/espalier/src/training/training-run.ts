/** One run of training: its arrays, programs and state, and what the loop does with them. */
import type { Program } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { collate } from '../corpus/batches.ts'
import { type Parameters, weightClasses } from '../network/parameters.ts'
import { compileEvaluation, perplexity, perplexityOf } from '../network/perplexity.ts'
import { Mask } from '../pruning/mask.ts'
import { selectClasses, type WeightClass } from '../pruning/weights.ts'
import { checkTrainable, describeNonFinite } from './checks.ts'
import { type EpochPlan, updatesPerEpoch } from './epoch-plan.ts'
import { gradualIsComplete, gradualIsDue, pruneGradually } from './gradual-pruning.ts'
import { learningRateAt } from './learning-rate.ts'
import { type EpochMetrics, trainingLosses } from './metrics.ts'
import type { TrainOptions } from './options.ts'
import { resumedState } from './resume.ts'
import { settingChanges } from './setting-changes.ts'
import { addLoss, initialState, type TrainingState } from './state.ts'
import type { Checkpoint } from './storage.ts'
import { TrainingStep } from './training-step.ts'

export class TrainingRun {
  readonly state: TrainingState
  readonly #options: TrainOptions
  readonly #step: TrainingStep
  readonly #evaluation: Program
  #mask: Mask | undefined

  private constructor(options: TrainOptions, step: TrainingStep, evaluation: Program, mask: Mask | undefined) {
    this.#options = options
    this.#step = step
    this.#evaluation = evaluation
    this.#mask = mask
    this.state = initialState(mask?.sparsity)
  }

  static async open(options: TrainOptions): Promise<TrainingRun> {
    const { backend, network, training, parameters, gradual, exchange } = options
    checkTrainable(options.corpus, training, parameters, options.mask)
    const prunable = gradual ? prunableClasses(options, parameters).flatMap(({ tensors }) => tensors) : []
    const mask = gradual ? Mask.covering(prunable, options.mask) : options.mask
    const step = await TrainingStep.compile({ backend, network, training, parameters, mask, exchange })
    try {
      const evaluation = await compileEvaluation(backend, network)
      step.attach(evaluation)
      return new TrainingRun(options, step, evaluation, mask)
    } catch (error) {
      await step.release()
      throw error
    }
  }

  async release(): Promise<void> {
    await this.#evaluation.release()
    await this.#step.release()
  }

  /** Goes back to the last checkpoint, or writes the first one. */
  async begin(): Promise<void> {
    const { resume, storage } = this.#options
    if (resume) await this.#restore()
    else await this.#save()
    await storage.truncateMetrics(this.state.metricsPosition)
  }

  /** One update of the weights. @throws UserError `diverged` */
  async update(plan: EpochPlan): Promise<void> {
    const { training, corpus, network, events } = this.#options
    const { state } = this
    const began = performance.now()
    const batches = plan.batches(state.update).map(pairs => collate(corpus.train, pairs, network.reverseSource))
    const learningRate = learningRateAt(training, plan.progress(state.update))
    const { loss, words, gradientNorm } = await this.#step.run(batches, { step: state.step + 1, learningRate })
    state.step++
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw this.#diverged(`the loss is ${loss} and the gradient norm ${gradientNorm}`)
    addLoss(state, plan.lossBin(state.update), { loss, words })
    const { epoch, step } = state
    state.update++
    const seconds = (performance.now() - began) / 1000
    const totalSteps = plan.totalUpdates
    events?.onStep?.({ step, epoch, totalSteps, loss: loss / words, learningRate, gradientNorm, words, seconds })
  }

  /** Prunes to the fraction that is due after `progress` epochs, if any is. */
  async pruneGradually(progress: number): Promise<void> {
    const { gradual } = this.#options
    const { step, initialSparsity } = this.state
    if (!gradual || !this.#mask || !gradualIsDue(gradual, progress, step)) return
    const classes = prunableClasses(this.#options, await this.#step.parameters())
    const moment = { progress, initialSparsity, mask: this.#mask, scores: await this.#step.scores() }
    const mask = pruneGradually(gradual, classes, moment)
    if (mask) await this.#setMask(mask)
  }

  async #setMask(mask: Mask): Promise<void> {
    this.#mask = mask
    await this.#step.setMask(mask)
  }

  /** Validates, keeps the model if it is the best, and saves. @throws UserError `diverged` */
  async finishEpoch(): Promise<void> {
    const { training, corpus, network, gradual, storage, events } = this.#options
    const { state } = this
    const progress = Math.min(training.epochs, state.epoch + 1)
    await this.pruneGradually(progress)
    const validPerplexity = await perplexity(this.#evaluation, corpus.valid, network)
    await this.#checkSound('validation text', validPerplexity)
    // No best model is kept before gradual pruning has finished.
    const eligible = !gradual || gradualIsComplete(gradual, progress)
    const best = eligible && validPerplexity < state.bestPerplexity
    const metrics: EpochMetrics = {
      epoch: state.epoch + 1,
      step: state.step,
      learningRate: learningRateAt(training, Math.max(0, state.epoch + 1 - 1e-6)),
      ...trainingLosses(state),
      validPerplexity,
      best,
      sparsity: this.#mask?.sparsity ?? 0,
      ...(Object.keys(state.changes).length > 0 && { changes: state.changes }),
    }
    this.#advance(best ? validPerplexity : undefined, eligible)
    state.metricsPosition = await storage.appendMetrics(metrics)
    if (best)
      await storage.writeModel({
        parameters: await this.#step.parameters(),
        mask: this.#mask,
        scores: await this.#step.scores(),
      })
    await this.#save()
    events?.onEpoch?.(metrics)
  }

  /** Moves the state to the next epoch. @param best the perplexity of a new best model */
  #advance(best: number | undefined, eligible: boolean): void {
    const { training } = this.#options
    const { state } = this
    state.bestPerplexity = best ?? state.bestPerplexity
    state.epochsSinceBest = best !== undefined || !eligible ? 0 : state.epochsSinceBest + 1
    state.epoch++
    Object.assign(state, { update: 0, lossBins: [], changes: {} })
    const outOfPatience = training.patience > 0 && state.epochsSinceBest >= training.patience
    state.finished = outOfPatience || state.epoch >= training.epochs - 1e-9
  }

  /** Saves within an epoch, once the next batch shows that the weights are worth going on from. @throws UserError `diverged` */
  async save(plan: EpochPlan): Promise<void> {
    const { corpus, network } = this.#options
    const next = plan.batches(this.state.update).slice(0, 1)
    await this.#checkSound('next batch', await perplexityOf(this.#evaluation, corpus.train, next, network))
    await this.#save()
  }

  /** A checkpoint of weights that diverged would be none to go on from: it does not replace the last one. */
  async #checkSound(text: string, measured: number): Promise<void> {
    if (!Number.isFinite(measured)) throw this.#diverged(`the perplexity of the ${text} is ${measured}`)
    const found = describeNonFinite(await this.#step.parameters())
    if (found) throw this.#diverged(found)
  }

  #diverged(what: string): UserError {
    const { storage, training } = this.#options
    return new UserError(
      'diverged',
      `training diverged at step ${this.state.step}: ${what}. The checkpoint in ${storage.location} is from before that: ` +
        `--resume with a lower --set training.learningRate (it is ${training.learningRate}) or training.maxGradientNorm.`,
    )
  }

  async #save(): Promise<void> {
    const { storage, training, gradual, corpus } = this.#options
    const { state } = this
    if (state.update === 0 && training.snapshots.includes(state.epoch))
      await storage.writeSnapshot(state.epoch, await this.#step.parameters())
    const mask = gradual && this.#mask
    const arrays = await this.#step.checkpointArrays()
    await storage.saveCheckpoint({ state, training, arrays, mask, data: corpus.digest })
  }

  async #restore(): Promise<void> {
    const { storage, corpus, training, gradual, events } = this.#options
    const found = await storage.loadCheckpoint()
    if (!found)
      throw new UserError(
        'no-checkpoint',
        `${storage.location} has no checkpoint to go on from: begin anew with --force`,
      )
    if (found.data !== corpus.digest)
      throw new UserError('other-data', `${storage.location} was trained on other data than this`)
    const from = found.training ?? training
    const changes = settingChanges(from, training)
    const updates = updatesPerEpoch(corpus.train.length, training)
    Object.assign(this.state, resumedState(found.state, from, training, updates))
    await this.#restoreArrays(found)
    if (gradual && found.mask) await this.#setMask(found.mask)
    if (Object.keys(changes).length > 0) await storage.writeSettings(training)
    events?.onResume?.({ epoch: this.state.epoch, step: this.state.step, changes })
  }

  async #restoreArrays({ arrays }: Checkpoint): Promise<void> {
    const { location } = this.#options.storage
    const other = await this.#step.restore(arrays)
    if (other) throw new UserError('damaged-file', `${location}: the checkpoint's ${other} does not fit this model`)
    const broken = describeNonFinite(await this.#step.parameters())
    if (broken) throw new UserError('not-a-number', `${location}: ${broken}; training cannot go on from that`)
  }
}

/** The classes that gradual pruning may prune. */
function prunableClasses({ network, gradual }: TrainOptions, parameters: Parameters): WeightClass[] {
  return selectClasses(weightClasses(parameterSpecs(network), parameters), gradual ?? {})
}
