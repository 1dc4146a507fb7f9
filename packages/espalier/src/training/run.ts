/** Training runs: from prepared data (or a pruned model) to a model's directory. */
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import { copyTextFiles, type ModelConfig, readConfig, readModel, writeConfig } from '../checkpoint/model-directory.ts'
import { readSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts'
import { openPrepared, type PreparedCorpus } from '../corpus/prepare.ts'
import { createDirectoryWhole, exists } from '../files.ts'
import { modelConfiguration } from '../model/configuration.ts'
import { initialParameters, type Parameters, parameterSpecs } from '../model/parameters.ts'
import { Mask } from '../pruning/mask.ts'
import { type Configuration, retrainingOptions, type TrainingOptions } from './configuration.ts'
import { type Outcome, type TrainerEvents, train } from './trainer.ts'

export interface RunOptions {
  readonly out: string
  readonly resume?: boolean
  readonly force?: boolean
  readonly threads?: number
  readonly events?: TrainerEvents
  readonly signal?: AbortSignal
}

/** Trains a new network on prepared data. */
export async function trainNew(data: string, configuration: Configuration, options: RunOptions): Promise<Outcome> {
  const corpus = await openPrepared(data)
  const config: ModelConfig = {
    format: 1,
    model: modelConfiguration(configuration.model, {
      source: corpus.vocabularies.source.size,
      target: corpus.vocabularies.target.size,
    }),
    training: configuration.training,
    data: corpus.digests['train.bin'],
  }
  await begin(corpus, config, data, options)
  return go(corpus, config, initialParameters(config.model, config.training.seed), undefined, options)
}

/**
 * Trains a model on, its mask held: by the paper's retraining schedule, unless `adjust` decides otherwise.
 * @param data has to be what the model's vocabularies were made from
 */
export async function retrain(
  model: string,
  data: string,
  adjust: (paper: TrainingOptions) => TrainingOptions,
  options: RunOptions,
): Promise<Outcome> {
  const from = await readModel(model)
  const corpus = await openPrepared(data)
  for (const side of ['source', 'target'] as const)
    if (corpus.vocabularies[side].tokens.join('\n') !== from.vocabularies[side].tokens.join('\n'))
      throw new UserError(
        'other-data',
        `${data}: its ${side} vocabulary is not that of ${model}; prepare both from one text`,
      )
  const config = { ...from.config, training: adjust(retrainingOptions(from.config.training)) }
  await begin(corpus, config, model, options, from.mask)
  return go(corpus, config, from.parameters, from.mask, options)
}

/** Goes on with a run that was interrupted, with the configuration that its directory has. */
export async function resume(data: string, options: RunOptions): Promise<Outcome> {
  const corpus = await openPrepared(data)
  const config = await readConfig(options.out)
  const parameters: Parameters = new Map(
    parameterSpecs(config.model).map(({ name, shape }) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
    ]),
  )
  const maskPath = join(options.out, 'mask.safetensors')
  const mask = (await exists(maskPath))
    ? Mask.fromTensors((await readSafetensors(maskPath)).tensors, parameters)
    : undefined
  return go(corpus, config, parameters, mask, {
    ...options,
    resume: await exists(join(options.out, 'last.safetensors')),
  })
}

/** Lays the directory out: everything but the parameters. */
async function begin(
  corpus: PreparedCorpus,
  config: ModelConfig,
  textFrom: string,
  { out, force = false }: RunOptions,
  mask?: Mask,
): Promise<void> {
  await createDirectoryWhole(out, { force, mark: 'config.json' }, async directory => {
    await copyTextFiles(textFrom, directory)
    await writeConfig(directory, { ...config, data: corpus.digests['train.bin'] })
    if (mask) await writeSafetensors(join(directory, 'mask.safetensors'), mask.toTensors())
  })
}

function go(
  corpus: PreparedCorpus,
  config: ModelConfig,
  parameters: Parameters,
  mask: Mask | undefined,
  options: RunOptions,
): Promise<Outcome> {
  const { out: directory, threads, events, signal } = options
  const { model, training } = config
  return train(
    { directory, corpus, model, training, mask, threads, events, signal },
    parameters,
    options.resume ?? false,
  )
}
