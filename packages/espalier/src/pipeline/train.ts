/** Training in a model's directory: a new network on prepared data, or a model that exists once more. */
import { join } from 'node:path'
import { maskToTensors } from '../checkpoint/mask-file.ts'
import {
  assertSameVocabularies,
  copyTextFiles,
  type ModelManifest,
  readModel,
  readSnapshot,
  writeManifest,
} from '../checkpoint/model-directory.ts'
import { writeSafetensors } from '../checkpoint/safetensors.ts'
import { type Configuration, type ConfigurationDraft, parseConfiguration } from '../configuration/configuration.ts'
import { networkConfig } from '../configuration/network.ts'
import type { GradualConfig, TrainingConfig } from '../configuration/training.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import { initialParameters, type Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import { randomStructure } from '../pruning/random-structure.ts'
import { createDirectoryAtomic } from '../storage/atomic-directory.ts'
import { withLock } from '../storage/lock.ts'
import { checkOutput } from '../storage/outputs.ts'
import { checkTrainable } from '../training/checks.ts'
import { retrainingOptions } from '../training/learning-rate.ts'
import type { Outcome } from '../training/options.ts'
import { checkArguments } from './arguments.ts'
import { readMaskOf } from './mask-of.ts'
import { openOnce, pathOf, type RunOptions, requireBackend, runTraining } from './training-job.ts'

export interface TrainNewOptions extends RunOptions {
  /** The network and its training; what it leaves out has its default. A `preset` fills in what that preset decides. */
  readonly configuration: Configuration | ConfigurationDraft
  /** A pruned model of the same shape, whose mask is held from the first step: its sparse structure from scratch. */
  readonly maskOf?: string
  /** Seed of random places instead of those of `maskOf`, as many kept in each tensor. */
  readonly randomPlaces?: number
}

/**
 * Trains a new network.
 * @param data prepared data, or its directory
 * @throws UserError `usage`, `output-exists`, `not-ours`, `in-use`, `no-mask`, `other-shape`; those of configurations and training
 */
export async function trainNew(data: string | PreparedCorpus, options: TrainNewOptions): Promise<Outcome> {
  const path = pathOf(data)
  checkArguments('trainNew', { data: path }, options)
  const configuration = parseConfiguration(options.configuration, 'trainNew: options.configuration')
  return inNewDirectory(options, [path, options.maskOf], async guard => {
    const corpus = await openOnce(data)
    const manifest: ModelManifest = {
      format: 1,
      model: networkConfig(configuration.model, {
        source: corpus.vocabularies.source.size,
        target: corpus.vocabularies.target.size,
      }),
      training: configuration.training,
      gradual: configuration.gradual,
      data: corpus.digests['train.bin'],
    }
    const initial = initialParameters(manifest.model, manifest.training.seed)
    const mask = await givenMask(options, initial)
    const parameters = mask ? mask.apply(initial) : initial
    // Refused before the directory is made, or the one that is there replaced.
    checkTrainable(corpus, manifest.training, parameters, mask)
    await requireBackend(manifest.training)
    await layOut(corpus, manifest, path, options, mask)
    return runTraining({ corpus, manifest, parameters, mask, guard, resume: false }, options)
  })
}

/** The mask to hold from the first step. */
async function givenMask({ maskOf, randomPlaces }: TrainNewOptions, initial: Parameters): Promise<Mask | undefined> {
  if (maskOf === undefined) return undefined
  const mask = await readMaskOf(maskOf, initial)
  return randomPlaces === undefined ? mask : randomStructure(mask, initial, randomPlaces)
}

export interface RetrainOptions extends RunOptions {
  /**
   * The settings of the retraining, or a function that makes them from those of the model's training; default: the paper's,
   * {@link retrainingOptions}.
   */
  readonly training?: TrainingConfig | ((original: TrainingConfig) => TrainingConfig)
  /** Weights to begin from instead of the model's: those that this model's training kept after an epoch. */
  readonly rewind?: { readonly model: string; readonly epoch: number }
  /** Lets pruned weights grow back: the mask is given up (dense-sparse-dense, Han et al. 2017). */
  readonly regrow?: boolean
  /** Prunes while it trains. */
  readonly gradual?: GradualConfig
}

/**
 * Trains a model on, its mask held.
 * @param data has to be what the model's vocabularies were made from
 * @throws UserError `usage`, `output-exists`, `not-ours`, `in-use`, `other-data`, `missing-file`; those of models and training
 */
export async function retrain(model: string, data: string | PreparedCorpus, options: RetrainOptions): Promise<Outcome> {
  const path = pathOf(data)
  checkArguments('retrain', { model, data: path }, options)
  const { rewind, gradual, regrow, training = retrainingOptions } = options
  return inNewDirectory(options, [model, path, rewind?.model], async guard => {
    const from = await readModel(model)
    const corpus = await openOnce(data)
    assertSameVocabularies(from, corpus)
    const settings = typeof training === 'function' ? training(from.config.training) : training
    const digest = corpus.digests['train.bin']
    const manifest: ModelManifest = {
      ...from.config,
      training: settings,
      gradual,
      data: digest,
      convergence: undefined,
    }
    const mask = regrow ? undefined : from.mask
    const weights = rewind ? await readSnapshot(rewind.model, rewind.epoch, manifest.model) : from.parameters
    const parameters = mask ? mask.apply(weights) : weights
    checkTrainable(corpus, settings, parameters, mask)
    await requireBackend(settings)
    await layOut(corpus, manifest, model, options, mask)
    return runTraining({ corpus, manifest, parameters, mask, guard, resume: false }, options)
  })
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

/** Makes the directory with everything but the parameters. @param textFrom where the text side is copied from */
async function layOut(
  corpus: PreparedCorpus,
  manifest: ModelManifest,
  textFrom: string,
  { out, force = false }: RunOptions,
  mask?: Mask,
): Promise<void> {
  await createDirectoryAtomic(out, { kind: 'model', force }, async directory => {
    await copyTextFiles(textFrom, directory)
    await writeManifest(directory, { ...manifest, data: corpus.digests['train.bin'] })
    if (mask) await writeSafetensors(join(directory, 'mask.safetensors'), maskToTensors(mask))
  })
}
