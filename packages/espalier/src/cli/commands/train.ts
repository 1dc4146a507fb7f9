/** `train`: what it is called and takes. */
import { Command } from 'commander'
import { PRESET_NAMES } from '../choices.ts'
import {
  addBackend,
  addConfiguration,
  addJson,
  addOutDirectory,
  addThreads,
  type BackendFlag,
  type ConfigurationFlags,
  type JsonFlag,
  type OutFlags,
  type ThreadsFlag,
} from '../option-groups.ts'

/** What `train` and `retrain` share. */
export interface TrainingRunFlags extends OutFlags, JsonFlag, ThreadsFlag, BackendFlag {
  readonly set?: readonly string[]
  readonly resume?: boolean
}
export interface TrainFlags extends TrainingRunFlags, ConfigurationFlags {
  readonly maskOf?: string
}

export function addTrainingRun(command: Command): Command {
  const options = addOutDirectory(command, 'model directory to make').option(
    '--resume',
    'go on from the last checkpoint in --out; of the settings, those that fit it can change',
  )
  return addJson(addThreads(addBackend(options, 'training.backend')), 'the outcome')
}

export function trainCommand(): Command {
  const command = new Command('train')
    .summary('train a model on prepared data')
    .description(
      `Trains an LSTM encoder-decoder. Presets: ${PRESET_NAMES.join(', ')}. ` +
        'Interrupted (Ctrl-C), it writes a checkpoint and goes on from there with --resume, bit for bit as if it had not been interrupted.',
    )
    .argument('<data>', "directory made by 'espalier prepare'")
    .option('--mask-of <model>', "train with this pruned model's mask from the first step: its structure from scratch")
    .addHelpText('after', '\nExample:\n  espalier train data --preset small --set training.epochs=4 --out model\n')
  return addTrainingRun(addConfiguration(command, 'model, training, gradual'))
}
