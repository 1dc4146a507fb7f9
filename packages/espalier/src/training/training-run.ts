/** One run of training: its arrays, programs and state, and what the loop does with them. */
import { UserError } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import type { TrainingConfig } from '../configuration/training.ts'
import { collate } from '../corpus/batches.ts'
import { type Parameters, weightClasses } from '../network/parameters.ts'
import { perplexity, perplexityOf } from '../network/perplexity.ts'
import { Mask } from '../pruning/mask.ts'
import { selectClasses, type WeightClass } from '../pruning/weights.ts'
import type { ActiveBackend } from './backend-choice.ts'
import { checkTrainable, describeNonFinite } from './checks.ts'
import { CompiledTraining } from './compiled-training.ts'
import { convergence } from './convergence.ts'
import { DivergedError } from './diverged.ts'
import { type EpochPlan, updatesPerEpoch } from './epoch-plan.ts'
import { gradualIsComplete, gradualIsDue, pruneGradually } from './gradual-pruning.ts'
import { learningRateAt } from './learning-rate.ts'
import { type EpochMetrics, trainingLosses } from './metrics.ts'
import type { TrainOptions } from './options.ts'
import { resumedState } from './resume.ts'
import { type SettingChanges, settingChanges } from './setting-changes.ts'
import { addLoss, advance, initialState, type TrainingState } from './state.ts'
import type { Checkpoint } from './storage.ts'

export class TrainingRun {
  readonly state: TrainingState
  readonly #options: RunOptions
  readonly #compiled: CompiledTraining

  private constructor(options: RunOptions, compiled: CompiledTraining, state: TrainingState) {
    this.#options = options
    this.#compiled = compiled
    this.state = state
  }

  /** Compiles the programs, and goes back to the last checkpoint or writes the first one. */
  static async open({ parameters, mask: given, ...options }: TrainOptions): Promise<TrainingRun> {
    const { corpus, training, gradual, events } = options
    checkTrainable(corpus, training, parameters, given)
    const checkpoint = options.resume ? await lastCheckpoint(options) : undefined
    const prunable = gradual ? prunableClasses(options, parameters).flatMap(({ tensors }) => tensors) : []
    const mask = gradual ? Mask.covering(prunable, checkpoint?.mask ?? given) : given
    const onBackend = events?.onBackend?.bind(events)
    const before = checkpoint && backendBefore(checkpoint, training)
    const compiled = await CompiledTraining.open({ ...options, onBackend }, { parameters, mask, before })
    try {
      const run = new TrainingRun(options, compiled, checkpoint?.state ?? initialState(mask?.sparsity))
      await run.#begin(checkpoint)
      return run
    } catch (error) {
      await compiled.release()
      throw error
    }
  }

  async #begin(checkpoint: ResumedCheckpoint | undefined): Promise<void> {
    if (checkpoint) await this.#restore(checkpoint)
    else await this.#save()
    await this.#options.storage.truncateMetrics(this.state.metricsPosition)
  }

  release(): Promise<void> {
    return this.#compiled.release()
  }

  /** One update of the weights. @throws UserError `diverged` */
  async update(plan: EpochPlan): Promise<void> {
    const { training, corpus, network, events } = this.#options
    const { state } = this
    const began = performance.now()
    const batches = plan.batches(state.update).map(pairs => collate(corpus.train, pairs, network.reverseSource))
    const learningRate = learningRateAt(training, plan.progress(state.update), state.plateau)
    const { loss, words, gradientNorm } = await this.#compiled.step.run(batches, { step: state.step + 1, learningRate })
    state.step++
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
      throw this.#diverged(`the loss is ${loss} and the gradient norm ${gradientNorm}`)
    addLoss(state, plan.lossBin(state.update), { loss, words })
    const { epoch, step } = state
    state.update++
    const seconds = (performance.now() - began) / 1000
    const totalSteps = plan.totalUpdates
    const endsEarly = training.patience > 0
    const progress = {
      step,
      epoch,
      totalSteps,
      endsEarly,
      loss: loss / words,
      learningRate,
      gradientNorm,
      words,
      seconds,
    }
    await events?.onStep?.(progress, () => this.#compiled.step.weights())
  }

  /** Prunes to the fraction that is due after `progress` epochs, if any is. */
  async pruneGradually(progress: number): Promise<void> {
    const { gradual } = this.#options
    const { step, initialSparsity } = this.state
    if (!gradual || !gradualIsDue(gradual, progress, step)) return
    const current = this.#compiled.mask()
    if (!current) return
    const classes = prunableClasses(this.#options, await this.#compiled.step.parameters())
    const moment = { progress, initialSparsity, mask: current, scores: await this.#compiled.step.scores() }
    const mask = pruneGradually(gradual, classes, moment)
    if (mask) await this.#compiled.setMask(mask)
  }

  /** Validates, keeps the model if it is the best, and saves. @throws UserError `diverged` */
  async finishEpoch(): Promise<void> {
    const { training, corpus, network, gradual, storage, events } = this.#options
    const { state } = this
    const progress = Math.min(training.epochs, state.epoch + 1)
    await this.pruneGradually(progress)
    const validPerplexity = await perplexity(this.#compiled.evaluation, corpus.valid, network)
    await this.#checkSound('validation text', validPerplexity)
    // No best model is kept before gradual pruning has finished.
    const eligible = !gradual || gradualIsComplete(gradual, progress)
    const best = eligible && validPerplexity < state.bestPerplexity
    const learningRate = learningRateAt(training, Math.max(0, state.epoch + 1 - 1e-6), state.plateau)
    const metrics: EpochMetrics = {
      epoch: state.epoch + 1,
      step: state.step,
      learningRate,
      ...trainingLosses(state),
      validPerplexity,
      best,
      sparsity: this.#compiled.sparsity,
      backend: this.#compiled.active,
      ...(Object.keys(state.changes).length > 0 && { changes: state.changes }),
    }
    advance(state, training, eligible ? { learningRate, validPerplexity } : undefined)
    state.metricsPosition = await storage.appendMetrics(metrics)
    if (best)
      await storage.writeModel({
        parameters: await this.#compiled.step.parameters(),
        mask: this.#compiled.mask(),
        scores: await this.#compiled.step.scores(),
      })
    if (state.finished) await storage.writeConvergence(convergence(state.history))
    await this.#save()
    events?.onEpoch?.(metrics)
  }

  /** Saves within an epoch, once the next batch shows that the weights are worth going on from. @throws UserError `diverged` */
  async save(plan: EpochPlan): Promise<void> {
    const { corpus, network } = this.#options
    const next = plan.batches(this.state.update).slice(0, 1)
    await this.#checkSound('next batch', await perplexityOf(this.#compiled.evaluation, corpus.train, next, network))
    await this.#save()
  }

  /** A checkpoint of weights that diverged would be none to go on from: it does not replace the last one. */
  async #checkSound(text: string, measured: number): Promise<void> {
    if (!Number.isFinite(measured)) throw this.#diverged(`the perplexity of the ${text} is ${measured}`)
    const found = describeNonFinite(await this.#compiled.step.weights())
    if (found) throw this.#diverged(found)
  }

  #diverged(what: string): DivergedError {
    const { storage, training } = this.#options
    return new DivergedError(
      `training diverged at step ${this.state.step}: ${what}`,
      `The checkpoint in ${storage.location} is from before that: ` +
        `--resume with a lower --set training.learningRate (it is ${training.learningRate}) or training.maxGradientNorm.`,
    )
  }

  async #save(): Promise<void> {
    const { storage, training, gradual, corpus } = this.#options
    const { state } = this
    if (state.update === 0 && training.snapshots.includes(state.epoch))
      await storage.writeSnapshot(state.epoch, await this.#compiled.step.parameters())
    state.backend = this.#compiled.active
    const mask = gradual && this.#compiled.mask()
    const arrays = await this.#compiled.step.checkpointArrays()
    await storage.saveCheckpoint({ state, training, arrays, mask, data: corpus.digest })
  }

  async #restore({ arrays, changes }: ResumedCheckpoint): Promise<void> {
    const { storage, training, events } = this.#options
    const other = await this.#compiled.step.restore(arrays)
    if (other)
      throw new UserError('damaged-file', `${storage.location}: the checkpoint's ${other} does not fit this model`)
    const broken = describeNonFinite(await this.#compiled.step.weights())
    if (broken) throw new UserError('not-a-number', `${storage.location}: ${broken}; training cannot go on from that`)
    if (Object.keys(changes).length > 0) await storage.writeSettings(training)
    events?.onResume?.({ epoch: this.state.epoch, step: this.state.step, changes })
  }
}

/** What a run holds on to: not the parameters and the mask that it began with, which may be all that is whole. */
type RunOptions = Omit<TrainOptions, 'parameters' | 'mask'>

interface ResumedCheckpoint extends Checkpoint {
  /** Settings that are others from now on. */
  readonly changes: SettingChanges
}

/** The checkpoint to go on from, its state as the settings make it. @throws UserError where training cannot go on from it */
async function lastCheckpoint({ storage, corpus, training }: RunOptions): Promise<ResumedCheckpoint> {
  const found = await storage.loadCheckpoint()
  if (!found)
    throw new UserError('no-checkpoint', `${storage.location} has no checkpoint to go on from: begin anew with --force`)
  if (found.data !== corpus.digest)
    throw new UserError('other-data', `${storage.location} was trained on other data than this`)
  const from = found.training ?? training
  const state = resumedState(found.state, from, training, updatesPerEpoch(corpus.train.length, training))
  return { ...found, state, changes: settingChanges(from, training) }
}

/** What training ran on, which it stays on unless the setting is another now. Before there was a choice it was ONNX Runtime. */
function backendBefore({ state, changes }: ResumedCheckpoint, { backend }: TrainingConfig): ActiveBackend | undefined {
  if ('backend' in changes || backend !== 'auto') return undefined
  return state.backend ?? { name: 'onnx', reason: 'training began on it', sparse: 0 }
}

/** The classes that gradual pruning may prune. */
function prunableClasses({ network, gradual }: RunOptions, parameters: Parameters): WeightClass[] {
  return selectClasses(weightClasses(parameterSpecs(network), parameters), gradual ?? {})
}
