/**
 * A training step at work: gradients of the local batches are summed, an exchange may add up what other processes summed,
 * and one update applies the result.
 */
import type { ArrayValue, Backend, Program, SparsePattern } from '@espalier/engine'
import type { NetworkConfig } from '../configuration/network.ts'
import type { TrainingConfig } from '../configuration/training.ts'
import type { Batch } from '../corpus/batches.ts'
import { batchValues } from '../network/batch-inputs.ts'
import type { Parameters, SparseParameters } from '../network/parameters.ts'
import { keptCount, toKeptValues, toWholeArray } from '../pruning/kept-values.ts'
import type { Mask } from '../pruning/mask.ts'
import type { ImportanceScores } from '../pruning/scores.ts'
import { OPTIMIZERS } from './optimizers/registry.ts'
import { type FloatArray, SharedArrays } from './shared-arrays.ts'
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
  /**
   * Σ of the gradients over the local sentences, by parameter, masks applied; of sparse parameters those of kept values
   * alone. The exchange changes them in place.
   */
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
  /**
   * Parameters of which kept values alone exist, with where these are; so it is with all that belongs to them. They need no
   * mask. Default: none.
   */
  readonly patterns?: ReadonlyMap<string, SparsePattern>
  readonly exchange?: GradientExchange
}

export interface StepResult extends BatchTotals {
  /** Of the mean gradient, before clipping. */
  readonly gradientNorm: number
}

/** What the arrays of a parameter are like. */
interface ParameterType {
  readonly shape: readonly number[]
  readonly pattern?: SparsePattern
}

export class TrainingStep {
  readonly #options: Omit<TrainingStepOptions, 'parameters' | 'mask' | 'patterns'>
  readonly #programs: StepPrograms
  readonly #names: StepArrays
  readonly #types: Map<string, ParameterType>
  readonly #arrays: SharedArrays
  /** The numbers that sums are set to before an update. */
  readonly #zeros = new Map<string, FloatArray>()
  readonly #scale = new Float32Array(1)
  readonly #rate = new Float32Array(1)

  private constructor(options: TrainingStepOptions, programs: StepPrograms, names: StepArrays) {
    // Whole parameters and masks are not held on to: where kept values are all that exists, they can go.
    const { parameters, mask, patterns, ...rest } = options
    this.#options = rest
    this.#programs = programs
    this.#names = names
    this.#types = new Map([...parameters].map(([name, { shape }]) => [name, { shape, pattern: patterns?.get(name) }]))
    this.#arrays = new SharedArrays(
      rest.backend,
      [programs.gradient, programs.update, programs.fused].filter(p => p !== undefined),
    )
    for (const [name, value] of parameters) this.#arrays.set(name, withPattern(value, patterns?.get(name)))
    for (const [name, parameter] of names.state) this.#arrays.set(name, zeros(this.#type(parameter)))
    this.#clearSums()
    if (mask) this.#bindMask(mask)
  }

  static async compile(options: TrainingStepOptions): Promise<TrainingStep> {
    const { backend, network, training, parameters, mask, patterns, exchange } = options
    const step: StepOptions = {
      ...training,
      gather: training.gather === 'none' ? undefined : training.gather,
      masked: new Set(mask?.kept.keys()),
      sparse: blocksOf(patterns),
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

  #type(parameter: string): ParameterType {
    const type = this.#types.get(parameter)
    if (!type) throw new RangeError(`the step has no parameter ${parameter}`)
    return type
  }

  /** Lets another program of the same backend see the parameters; what is sparse here has to be sparse there. */
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
    const { exchange } = this.#options
    let totals = local
    if (exchange) {
      const gradients = new Map<string, ArrayValue>()
      for (const name of this.#types.keys()) gradients.set(name, await this.#arrays.read(sumName(name)))
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
    for (const [name, parameter] of this.#names.sums) {
      const { shape, pattern } = this.#type(parameter)
      const known = this.#zeros.get(name)
      // A backend that computes in this very memory has left the sums there.
      const cleared = known?.pattern === pattern ? known : undefined
      cleared?.data.fill(0)
      const value = cleared ?? zeros({ shape, pattern })
      this.#zeros.set(name, value)
      this.#arrays.set(name, value)
    }
  }

  #bindMask(mask: Mask): void {
    for (const [name, bits] of mask.kept) {
      const { shape, pattern } = this.#types.get(name) ?? { shape: [bits.length] }
      if (!pattern) this.#arrays.set(maskName(name), { shape, data: Float32Array.from(bits) })
    }
  }

  /**
   * Takes a mask over: pruned weights and what the optimiser keeps for them become zero.
   * @param patterns of the very parameters that are sparse already, in blocks of the same size
   */
  async setMask(mask: Mask, patterns?: ReadonlyMap<string, SparsePattern>): Promise<void> {
    const optimizer = OPTIMIZERS[this.#options.training.optimizer]
    for (const [parameter, bits] of mask.kept) {
      const pattern = patterns?.get(parameter)
      for (const name of [parameter, ...optimizer.stateNames(parameter), ...this.#scoreNames(parameter)]) {
        const { shape, data } = toWholeArray(await this.#arrays.read(name))
        if (name !== scoreName(parameter)) for (let i = 0; i < bits.length; i++) if (bits[i] === 0) data[i] = 0
        this.#arrays.set(name, withPattern({ shape, data }, pattern))
      }
      this.#types.set(parameter, { ...this.#type(parameter), pattern })
    }
    this.#bindMask(mask)
    this.#clearSums()
  }

  #scoreNames(parameter: string): string[] {
    return [scoreName(parameter)].filter(name => this.#names.state.has(name))
  }

  /** The weights as they are now, others after the next update; of sparse ones the kept values, with their pattern. */
  async weights(): Promise<Map<string, FloatArray>> {
    const names = [...this.#types.keys()]
    return new Map(await Promise.all(names.map(async name => [name, await this.#arrays.read(name)] as const)))
  }

  /** The weights as whole arrays. A sparse one is made whole each time that it is looked at. */
  async parameters(): Promise<Parameters> {
    return new Map([...(await this.weights())].map(([name, value]) => [name, wholeOnDemand(value)]))
  }

  /**
   * What a checkpoint keeps: the parameters, the optimiser's state and the importance scores, by name; of sparse ones the kept
   * values, with their pattern.
   */
  async checkpointArrays(): Promise<Map<string, FloatArray>> {
    const names = [...this.#types.keys(), ...this.#names.state.keys()]
    return new Map(await Promise.all(names.map(async name => [name, await this.#arrays.read(name)] as const)))
  }

  /**
   * Goes back to the arrays of a checkpoint, whole ones or kept values.
   * @returns the name of an array that is missing or has another shape, if one does
   */
  async restore(arrays: ReadonlyMap<string, ArrayValue>): Promise<string | undefined> {
    const owners = new Map([...[...this.#types.keys()].map(name => [name, name] as const), ...this.#names.state])
    for (const [name, parameter] of owners) {
      const from = arrays.get(name)
      const { shape, pattern } = this.#type(parameter)
      if (!(from?.data instanceof Float32Array) || from.shape.join() !== shape.join()) return name
      const { data } = toWholeArray({ ...from, data: from.data })
      // Backends may go on using the memory: it has to be the step's own.
      this.#arrays.set(name, pattern ? toKeptValues({ shape, data }, pattern) : { shape, data: data.slice() })
    }
    return undefined
  }

  /** The importance scores that were summed so far; of pruned weights of sparse parameters there are none: 0. */
  async scores(): Promise<ImportanceScores | undefined> {
    const { gather: kind } = this.#options.training
    if (kind === 'none') return undefined
    const tensors = new Map<string, Float32Array>()
    for (const parameter of this.#types.keys())
      for (const name of this.#scoreNames(parameter))
        tensors.set(parameter, toWholeArray(await this.#arrays.read(name)).data)
    return { kind, tensors }
  }

  async release(): Promise<void> {
    await releaseStep(this.#programs)
    this.#arrays.release()
  }
}

/** The blocks of sparse parameters, which programs are compiled for; where the blocks are does not matter to them. */
export function blocksOf(patterns?: ReadonlyMap<string, SparsePattern>): SparseParameters {
  return new Map([...(patterns ?? [])].map(([name, { block }]) => [name, block]))
}

function withPattern(
  value: { readonly shape: readonly number[]; readonly data: Float32Array },
  pattern: SparsePattern | undefined,
): FloatArray {
  return pattern ? toKeptValues(value, pattern) : value
}

/** An array whose numbers are made whole when they are asked for, and not kept. */
export function wholeOnDemand(value: FloatArray): { readonly shape: readonly number[]; readonly data: Float32Array } {
  if (!value.pattern) return value
  return {
    shape: value.shape,
    get data() {
      return toWholeArray(value).data
    },
  }
}

function zeros({ shape, pattern }: ParameterType): FloatArray {
  const size = pattern ? keptCount(pattern) : shape.reduce((a, b) => a * b, 1)
  return { shape, data: new Float32Array(size), pattern }
}

function count(batches: readonly Batch[]): BatchTotals {
  return {
    loss: 0,
    sentences: batches.reduce((n, { size }) => n + size, 0),
    words: batches.reduce((n, { words }) => n + words, 0),
  }
}
