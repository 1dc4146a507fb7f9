/** Training runs: from prepared data (or a pruned model) to a model's directory. */

import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { maskFromTensors, maskToTensors } from '../checkpoint/mask-file.ts'
import {
  copyTextFiles,
  type ModelManifest,
  readManifest,
  readModel,
  readSnapshot,
  writeManifest,
} from '../checkpoint/model-directory.ts'
import { readSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts'
import type { Configuration } from '../configuration/configuration.ts'
import { networkConfig } from '../configuration/network.ts'
import type { GradualConfig, TrainingConfig } from '../configuration/training.ts'
import { openPrepared } from '../corpus/prepared.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import { initialParameters, type Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { withLock } from '../storage/lock.ts'
import { checkOutput } from '../storage/outputs.ts'
import { exists } from '../storage/paths.ts'
import { type Outcome, type TrainerEvents, train } from '../training/trainer.ts'

export interface RunOptions {
  readonly out: string
  readonly resume?: boolean
  readonly force?: boolean
  readonly threads?: number
  readonly events?: TrainerEvents
  readonly signal?: AbortSignal
  /** Told in a sentence of what is unusual, as of a lock that was left behind. */
  onNotice?(message: string): void
}

export interface NewOptions extends RunOptions {
  /** A pruned model of the same shape, whose mask is held from the first step: its sparse structure from scratch. */
  readonly maskOf?: string
}

/** Trains a new network on prepared data. */
export async function trainNew(data: string, configuration: Configuration, options: NewOptions): Promise<Outcome> {
  return inNewDirectory(options, [data, options.maskOf], guard => beginTraining(data, configuration, options, guard))
}

/** Checks that a model's directory can be made before anything is read, and keeps other runs out of it. */
async function inNewDirectory<T>(
  { out, force, onNotice }: RunOptions,
  inputs: readonly (string | undefined)[],
  work: (guard: AbortSignal) => Promise<T>,
): Promise<T> {
  return withLock(
    out,
    async ({ signal }) => {
      await checkOutput(out, { kind: 'directory', force, others: inputs })
      return work(signal)
    },
    { onStale: onNotice },
  )
}

async function beginTraining(
  data: string,
  configuration: Configuration,
  options: NewOptions,
  guard: AbortSignal,
): Promise<Outcome> {
  const corpus = await openPrepared(data)
  const config: ModelManifest = {
    format: 1,
    model: networkConfig(configuration.model, {
      source: corpus.vocabularies.source.size,
      target: corpus.vocabularies.target.size,
    }),
    training: configuration.training,
    gradual: configuration.gradual,
    data: corpus.digests['train.bin'],
  }
  const parameters = initialParameters(config.model, config.training.seed)
  const mask = options.maskOf === undefined ? undefined : await maskOf(options.maskOf, parameters)
  await begin(corpus, config, data, options, mask)
  return go(corpus, config, mask ? mask.apply(parameters) : parameters, mask, { ...options, guard })
}

async function maskOf(directory: string, parameters: Parameters): Promise<Mask> {
  const { mask } = await readModel(directory)
  if (!mask) throw new UserError('no-mask', `${directory} is not pruned: it has no mask`)
  for (const [name, bits] of mask.kept)
    if (parameters.get(name)?.data.length !== bits.length)
      throw new UserError('other-shape', `${directory} has another shape than the network to train: ${name} differs`)
  return mask
}

export interface RetrainOptions extends RunOptions {
  /** Weights to begin from instead of the model's: those that this model's training kept after an epoch. */
  readonly rewind?: { readonly model: string; readonly epoch: number }
  /** Lets pruned weights grow back: the mask is given up (dense-sparse-dense, Han et al. 2017). */
  readonly regrow?: boolean
  /** Prunes while it trains. */
  readonly gradual?: GradualConfig
}

/**
 * Trains a model on, its mask held: by the paper's retraining schedule, unless `adjust` decides otherwise.
 * @param data has to be what the model's vocabularies were made from
 * @param adjust is given the model's training and makes the retraining of it; the paper has its own, `retrainingOptions`
 */
export async function retrain(
  model: string,
  data: string,
  adjust: (original: TrainingConfig) => TrainingConfig,
  options: RetrainOptions,
): Promise<Outcome> {
  const inputs = [model, data, options.rewind?.model]
  return inNewDirectory(options, inputs, guard => beginRetraining(model, data, adjust, options, guard))
}

async function beginRetraining(
  model: string,
  data: string,
  adjust: (original: TrainingConfig) => TrainingConfig,
  options: RetrainOptions,
  guard: AbortSignal,
): Promise<Outcome> {
  const from = await readModel(model)
  const corpus = await openPrepared(data)
  for (const side of ['source', 'target'] as const)
    if (corpus.vocabularies[side].tokens.join('\n') !== from.vocabularies[side].tokens.join('\n'))
      throw new UserError(
        'other-data',
        `${data}: its ${side} vocabulary is not that of ${model}; prepare both from one text`,
      )
  const { rewind, gradual } = options
  const config = { ...from.config, training: adjust(from.config.training), gradual }
  const mask = options.regrow ? undefined : from.mask
  const weights = rewind ? await readSnapshot(rewind.model, rewind.epoch, config.model) : from.parameters
  await begin(corpus, config, model, options, mask)
  return go(corpus, config, mask ? mask.apply(weights) : weights, mask, { ...options, guard })
}

/** Goes on with a run that was interrupted, with the configuration that its directory has. */
export async function resume(data: string, options: RunOptions): Promise<Outcome> {
  return withLock(options.out, ({ signal }) => goOn(data, options, signal), { onStale: options.onNotice })
}

async function goOn(data: string, options: RunOptions, guard: AbortSignal): Promise<Outcome> {
  const corpus = await openPrepared(data)
  const config = await readManifest(options.out)
  const parameters: Parameters = new Map(
    parameterSpecs(config.model).map(({ name, shape }) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
    ]),
  )
  const maskPath = join(options.out, 'mask.safetensors')
  const mask = (await exists(maskPath))
    ? maskFromTensors((await readSafetensors(maskPath)).tensors, parameters)
    : undefined
  if (!(await exists(join(options.out, 'last.safetensors'))))
    throw new UserError('no-checkpoint', `${options.out} was left before its first checkpoint; begin anew with --force`)
  return go(corpus, config, parameters, mask, { ...options, guard, resume: true })
}

/** Lays the directory out: everything but the parameters. */
async function begin(
  corpus: PreparedCorpus,
  config: ModelManifest,
  textFrom: string,
  { out, force = false }: RunOptions,
  mask?: Mask,
): Promise<void> {
  await createDirectoryAtomic(out, { kind: 'model', force }, async directory => {
    await copyTextFiles(textFrom, directory)
    await writeManifest(directory, { ...config, data: corpus.digests['train.bin'] })
    if (mask) await writeSafetensors(join(directory, 'mask.safetensors'), maskToTensors(mask))
  })
}

function go(
  corpus: PreparedCorpus,
  config: ModelManifest,
  parameters: Parameters,
  mask: Mask | undefined,
  options: RunOptions & { readonly guard: AbortSignal },
): Promise<Outcome> {
  const { out: directory, threads, events, signal, guard } = options
  const { model, training, gradual } = config
  return train(
    { directory, corpus, model, training, gradual, mask, threads, events, signal, guard },
    parameters,
    options.resume ?? false,
  )
}
