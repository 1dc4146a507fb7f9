/**
 * The compiled programs of a training on the backend in use: the step and the evaluation. Where a new mask makes another
 * backend faster, or other parameters sparse, they are exchanged, and the arrays taken along.
 */
import type { ArrayValue, Backend, Program, SparsePattern } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { BACKEND_KINDS } from '../configuration/backend-kinds.ts'
import type { BackendSource } from '../network/backend.ts'
import type { Parameters } from '../network/parameters.ts'
import { compileEvaluation } from '../network/perplexity.ts'
import { maskOfPattern } from '../pruning/kept-values.ts'
import { Mask } from '../pruning/mask.ts'
import { type ActiveBackend, type BackendChoice, chooseBackend, sparsePatterns } from './backend-choice.ts'
import type { FloatArray } from './shared-arrays.ts'
import { blocksOf, TrainingStep, type TrainingStepOptions, wholeOnDemand } from './training-step.ts'

export interface CompiledTrainingOptions
  extends Omit<TrainingStepOptions, 'backend' | 'parameters' | 'mask' | 'patterns'> {
  readonly backend: Backend | BackendSource
  /** Told what was chosen, and of each change. */
  onBackend?(choice: ActiveBackend): void
}

interface Compiled {
  readonly backend: Backend
  readonly step: TrainingStep
  readonly evaluation: Program
  readonly patterns: ReadonlyMap<string, SparsePattern>
}

/** Where a training begins. */
interface Start {
  readonly parameters: Parameters
  readonly mask?: Mask
  /** What it ran on before, and goes on with where it may choose. */
  readonly before?: ActiveBackend
}

export class CompiledTraining {
  readonly #options: CompiledTrainingOptions
  readonly #shapes: ReadonlyMap<string, readonly number[]>
  #compiled: Compiled
  #active: ActiveBackend
  /** The mask without what patterns say, its names in order, and the fraction that is pruned. */
  #masked: { readonly names: readonly string[]; readonly whole: Mask; readonly sparsity: number } | undefined

  private constructor(
    options: CompiledTrainingOptions,
    shapes: ReadonlyMap<string, readonly number[]>,
    compiled: Compiled,
    active: ActiveBackend,
  ) {
    this.#options = options
    this.#shapes = shapes
    this.#compiled = compiled
    this.#active = active
  }

  /** @throws UserError where the backend is not there */
  static async open(options: CompiledTrainingOptions, { parameters, mask, before }: Start): Promise<CompiledTraining> {
    const shapes = new Map([...parameters].map(([name, { shape }]) => [name, shape]))
    const { backend, reason } = await pickBackend(options, mask, before)
    const patterns = backend.sparse ? sparsePatterns(mask, shapes) : new Map()
    const compiled = await compileOn(options, backend, { parameters, mask, patterns })
    const active = { name: backend.name, reason, sparse: patterns.size }
    const training = new CompiledTraining(options, shapes, compiled, active)
    training.#remember(mask, patterns)
    options.onBackend?.(active)
    return training
  }

  get step(): TrainingStep {
    return this.#compiled.step
  }

  get evaluation(): Program {
    return this.#compiled.evaluation
  }

  get active(): ActiveBackend {
    return this.#active
  }

  /** The fraction of the maskable weights that is pruned. */
  get sparsity(): number {
    return this.#masked?.sparsity ?? 0
  }

  /** What is pruned; made anew where kept values are all that exists. */
  mask(): Mask | undefined {
    if (!this.#masked) return undefined
    const { names, whole } = this.#masked
    const bits = names.map((name): [string, Uint8Array] => {
      const pattern = this.#compiled.patterns.get(name)
      // A name of the mask has a pattern, or is in what is left of it.
      return [name, pattern ? maskOfPattern(pattern, this.#shapes.get(name)!) : whole.kept.get(name)!]
    })
    return new Mask(new Map(bits))
  }

  #remember(mask: Mask | undefined, patterns: ReadonlyMap<string, SparsePattern>): void {
    this.#masked = mask && {
      names: [...mask.kept.keys()],
      whole: new Mask(new Map([...mask.kept].filter(([name]) => !patterns.has(name)))),
      sparsity: mask.sparsity,
    }
  }

  /** Takes a mask over, and exchanges the programs where that pays. */
  async setMask(mask: Mask): Promise<void> {
    const { backend: current } = this.#compiled
    // What is gone stays gone, so a training that has crossed over does not go back.
    const { backend, reason } = await pickBackend(this.#options, mask, current.sparse ? this.#active : undefined)
    const patterns = backend.sparse ? sparsePatterns(mask, this.#shapes) : new Map<string, SparsePattern>()
    if (backend === current && sameBlocks(patterns, this.#compiled.patterns)) {
      await this.step.setMask(mask, patterns)
      this.#compiled = { ...this.#compiled, patterns }
    } else {
      await this.#exchange(backend, mask, patterns)
      this.#active = { name: backend.name, reason, sparse: patterns.size }
      this.#options.onBackend?.(this.#active)
    }
    this.#remember(mask, patterns)
  }

  async #exchange(backend: Backend, mask: Mask, patterns: ReadonlyMap<string, SparsePattern>): Promise<void> {
    const before = this.#compiled
    const arrays = await before.step.checkpointArrays()
    const names = [...this.#shapes.keys()]
    const parameters = new Map(names.map(name => [name, wholeOnDemand(arrays.get(name) as FloatArray)]))
    const compiled = await compileOn(this.#options, backend, { parameters, mask, patterns })
    try {
      await compiled.step.restore(arrays)
      await compiled.step.setMask(mask, patterns)
    } catch (error) {
      await release(compiled)
      throw error
    }
    this.#compiled = compiled
    await release(before)
  }

  /** Goes back to a checkpoint's arrays. @returns the name of one that does not fit */
  restore(arrays: ReadonlyMap<string, ArrayValue>): Promise<string | undefined> {
    return this.step.restore(arrays)
  }

  release(): Promise<void> {
    return release(this.#compiled)
  }
}

async function release({ step, evaluation }: Compiled): Promise<void> {
  await evaluation.release()
  await step.release()
}

function sameBlocks(a: ReadonlyMap<string, SparsePattern>, b: ReadonlyMap<string, SparsePattern>): boolean {
  return a.size === b.size && [...a].every(([name, { block }]) => b.get(name)?.block.join() === block.join())
}

async function compileOn(
  options: CompiledTrainingOptions,
  backend: Backend,
  {
    parameters,
    mask,
    patterns,
  }: { readonly parameters: Parameters; readonly mask?: Mask; readonly patterns: ReadonlyMap<string, SparsePattern> },
): Promise<Compiled> {
  const { network, training, exchange } = options
  const step = await TrainingStep.compile({ backend, network, training, exchange, parameters, mask, patterns })
  try {
    const evaluation = await compileEvaluation(backend, network, blocksOf(patterns))
    step.attach(evaluation)
    return { backend, step, evaluation, patterns }
  } catch (error) {
    await step.release()
    throw error
  }
}

/**
 * The backend for a mask: the one that was given, that the settings name, that training ran on before, or that the rule says.
 * @throws UserError where it is not there; only where it was chosen freely, another serves
 */
async function pickBackend(
  { backend: source, network, training }: CompiledTrainingOptions,
  mask: Mask | undefined,
  before: ActiveBackend | undefined,
): Promise<{ backend: Backend; reason: string }> {
  if ('compile' in source) return { backend: source, reason: 'it was given' }
  const { backend: setting } = training
  if (setting !== 'auto') return { backend: await source.open(setting), reason: `training.backend is ${setting}` }
  const known = BACKEND_KINDS.find(kind => kind === before?.name)
  const choice: BackendChoice =
    before && known
      ? { backend: known, reason: before.reason }
      : chooseBackend({ network, mask, batchSize: training.batchSize, threads: source.threads })
  try {
    return { backend: await source.open(choice.backend), reason: choice.reason }
  } catch (error) {
    if (choice.backend !== 'onnx' || !(error instanceof UserError)) throw error
    const reason = error.code === 'no-onnxruntime' ? 'onnxruntime-node is not installed' : error.message
    return { backend: await source.open('wasm'), reason }
  }
}
