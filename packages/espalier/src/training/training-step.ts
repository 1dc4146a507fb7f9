/**
 * A training step at work: gradients of the local batches are summed, an exchange may add up what other processes summed,
 * and one update applies the result.
 */
import type { ArrayValue, Backend, Program } from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import type { TrainingConfig } from '../configuration/training.ts'
import type { Batch } from '../corpus/batches.ts'
import { batchValues } from '../network/batch-inputs.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import type { ImportanceScores } from '../pruning/scores.ts'
import { OPTIMIZERS } from './optimizers/registry.ts'
import { SharedArrays } from './shared-arrays.ts'
import {
  compileStep,
  maskName,
  releaseStep,
  type StepArrays,
  type StepOptions,
  type StepPrograms,
  scoreName,
  stepArrays,
  sumName,
} from './step-programs.ts'

/** Counts of an update: over the local batches, or over all processes. */
export interface BatchTotals {
  /** Σ −log p of the target words. */
  readonly loss: number
  readonly sentences: number
  /** Target words, `</s>` included. */
  readonly words: number
}

/** What an exchange is given: the sums over the local batches. */
export interface LocalGradients extends BatchTotals {
  /** Σ of the gradients over the local sentences, by parameter, masks applied. The exchange changes them in place. */
  readonly gradients: ReadonlyMap<string, ArrayValue>
}

/**
 * Comes between gradients and update: adds up the gradients of several processes, say. When it resolves, the arrays hold the
 * gradients to apply, and the totals are those of all sentences that they stand for.
 */
export type GradientExchange = (local: LocalGradients) => Promise<BatchTotals>

export interface TrainingStepOptions {
  readonly backend: Backend
  readonly network: NetworkConfig
  readonly training: TrainingConfig
  /** The weights to begin from; the backend may go on using their memory. */
  readonly parameters: Parameters
  readonly mask?: Mask
  readonly exchange?: GradientExchange
}

export interface StepResult extends BatchTotals {
  /** Of the mean gradient, before clipping. */
  readonly gradientNorm: number
}

export class TrainingStep {
  readonly #options: TrainingStepOptions
  readonly #programs: StepPrograms
  readonly #names: StepArrays
  readonly #arrays: SharedArrays
  /** The numbers that sums are set to before an update. */
  readonly #zeros: ReadonlyMap<string, Float32Array>
  readonly #scale = new Float32Array(1)
  readonly #rate = new Float32Array(1)

  private constructor(options: TrainingStepOptions, programs: StepPrograms, names: StepArrays) {
    const { backend, parameters, mask } = options
    this.#options = options
    this.#programs = programs
    this.#names = names
    this.#arrays = new SharedArrays(
      backend,
      [programs.gradient, programs.update, programs.fused].filter(p => p !== undefined),
    )
    for (const [name, value] of parameters) this.#arrays.set(name, value)
    for (const [name, shape] of names.state) this.#arrays.set(name, zeros(shape))
    this.#zeros = new Map([...names.sums].map(([name, shape]) => [name, zeros(shape).data]))
    this.#clearSums()
    if (mask) this.#bindMask(mask)
  }

  static async compile(options: TrainingStepOptions): Promise<TrainingStep> {
    const { backend, network, training, parameters, mask, exchange } = options
    const step: StepOptions = {
      ...training,
      gather: training.gather === 'none' ? undefined : training.gather,
      masked: new Set(mask?.kept.keys()),
      separate: exchange !== undefined,
    }
    const model = { ...network, dropout: training.dropout ?? network.dropout }
    const programs = await compileStep(backend, model, step)
    try {
      return new TrainingStep(options, programs, stepArrays(parameters, step))
    } catch (error) {
      await releaseStep(programs)
      throw error
    }
  }

  /** Lets another program of the same backend see the parameters. */
  attach(program: Program): void {
    this.#arrays.attach(program)
  }

  /**
   * One update.
   * @param batches at most `training.accumulation`
   * @param step the number of the update, from 1: it decides the dropout masks
   */
  async run(
    batches: readonly Batch[],
    { step, learningRate }: { readonly step: number; readonly learningRate: number },
  ): Promise<StepResult> {
    const { training } = this.#options
    const { fused, gradient } = this.#programs
    this.#rate[0] = OPTIMIZERS[training.optimizer].effectiveRate(learningRate, step)
    const local = count(batches)
    let [loss, gradientNorm] = [0, Number.NaN]
    for (const [k, batch] of batches.entries()) {
      const program = fused && k === batches.length - 1 ? fused : gradient
      if (!program) throw new RangeError(`${batches.length} batches for an update of ${training.accumulation}`)
      const scalars = program === fused ? this.#scalars(local.sentences) : {}
      const random = { seed: training.seed, step: step * training.accumulation + k }
      const results = await program.run({ ...batchValues(batch), ...scalars }, random)
      loss += results.negativeLogLikelihood.data[0] as number
      if (program === fused) gradientNorm = results.norm.data[0] as number
    }
    const result = fused ? { ...local, loss, gradientNorm } : await this.#applySums({ ...local, loss })
    this.#clearSums()
    return result
  }

  /** The second phase, where it is a program of its own: exchange and update. */
  async #applySums(local: BatchTotals): Promise<StepResult> {
    const { exchange, parameters } = this.#options
    let totals = local
    if (exchange) {
      const gradients = new Map<string, ArrayValue>()
      for (const name of parameters.keys()) gradients.set(name, await this.#arrays.read(sumName(name)))
      totals = await exchange({ ...local, gradients })
      for (const [name, value] of gradients) this.#arrays.set(sumName(name), value)
    }
    const results = await this.#programs.update?.run(this.#scalars(totals.sentences))
    return { ...totals, gradientNorm: (results?.norm.data[0] as number | undefined) ?? Number.NaN }
  }

  #scalars(sentences: number): Record<string, ArrayValue> {
    this.#scale[0] = 1 / sentences
    return { scale: { data: this.#scale, shape: [] }, rate: { data: this.#rate, shape: [] } }
  }

  #clearSums(): void {
    // A backend that computes in this very memory has left the sums there.
    for (const [name, shape] of this.#names.sums)
      this.#arrays.set(name, { shape, data: this.#zeros.get(name)?.fill(0) ?? zeros(shape).data })
  }

  #bindMask(mask: Mask): void {
    for (const [name, bits] of mask.kept) {
      const shape = this.#options.parameters.get(name)?.shape ?? [bits.length]
      this.#arrays.set(maskName(name), { shape, data: Float32Array.from(bits) })
    }
  }

  /** Takes a mask over: pruned weights and what the optimiser keeps for them become zero. */
  async setMask(mask: Mask): Promise<void> {
    const optimizer = OPTIMIZERS[this.#options.training.optimizer]
    this.#bindMask(mask)
    for (const [parameter, bits] of mask.kept)
      for (const name of [parameter, ...optimizer.stateNames(parameter)]) {
        const { shape, data } = await this.#arrays.read(name)
        for (let i = 0; i < bits.length; i++) if (bits[i] === 0) data[i] = 0
        this.#arrays.set(name, { shape, data })
      }
  }

  /** The weights as they are now; not to be changed, and others after the next update. */
  async parameters(): Promise<Parameters> {
    const read = [...this.#options.parameters.keys()].map(async name => [name, await this.#arrays.read(name)] as const)
    return new Map(await Promise.all(read))
  }

  /** What a checkpoint keeps: the parameters, the optimiser's state and the importance scores, by name. */
  async checkpointArrays(): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
    const names = [...this.#options.parameters.keys(), ...this.#names.state.keys()]
    return new Map(await Promise.all(names.map(async name => [name, await this.#arrays.read(name)] as const)))
  }

  /**
   * Goes back to the arrays of a checkpoint.
   * @returns the name of an array that is missing or has another shape, if one does
   */
  async restore(arrays: ReadonlyMap<string, ArrayValue>): Promise<string | undefined> {
    for (const name of [...this.#options.parameters.keys(), ...this.#names.state.keys()]) {
      const from = arrays.get(name)
      const { shape, data } = await this.#arrays.read(name)
      if (from?.shape.join() !== shape.join()) return name
      data.set(from.data as Float32Array)
      this.#arrays.set(name, { shape, data })
    }
    return undefined
  }

  /** The importance scores that were summed so far. */
  async scores(): Promise<ImportanceScores | undefined> {
    const { training, parameters } = this.#options
    const { gather: kind } = training
    if (kind === 'none') return undefined
    const tensors = new Map<string, Float32Array>()
    for (const name of parameters.keys())
      if (this.#names.state.has(scoreName(name))) tensors.set(name, (await this.#arrays.read(scoreName(name))).data)
    return { kind, tensors }
  }

  async release(): Promise<void> {
    await releaseStep(this.#programs)
    this.#arrays.release()
  }
}

function zeros(shape: readonly number[]): { shape: readonly number[]; data: Float32Array } {
  return { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }
}

function count(batches: readonly Batch[]): BatchTotals {
  return {
    loss: 0,
    sentences: batches.reduce((n, { size }) => n + size, 0),
    words: batches.reduce((n, { words }) => n + words, 0),
  }
}
