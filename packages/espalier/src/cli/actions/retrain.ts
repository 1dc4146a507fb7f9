/** `retrain`: a pruned model, trained further. */
import { UserError } from '@espalier/runtime'
import { readManifest } from '../../checkpoint/model-directory.ts'
import { type Configuration, type ConfigurationDraft, parseConfiguration } from '../../configuration/configuration.ts'
import type { TrainingConfig } from '../../configuration/training.ts'
import { resume } from '../../pipeline/resume.ts'
import { retrain } from '../../pipeline/train.ts'
import { retrainingOptions, rewoundOptions } from '../../training/learning-rate.ts'
import { commandLine } from '../command-line.ts'
import type { RetrainFlags } from '../commands/retrain.ts'
import { refuseTwice } from '../configuration-options.ts'
import { applySettings, backendSettings, parseSettings, type Setting } from '../settings.ts'
import { runTraining } from './train.ts'

const READER = { command: 'retrain', sections: ['training', 'gradual'] }

export async function retrainAction(model: string, data: string, flags: RetrainFlags): Promise<void> {
  const { rewind: epoch, regrow, weightsOf } = flags
  if (weightsOf !== undefined && epoch === undefined)
    throw new UserError('usage', '--weights-of needs --rewind, the epoch to take the weights of')
  const rewind = epoch !== undefined && weightsOf !== undefined ? { model: weightsOf, epoch } : undefined
  const original = (await readManifest(model)).training
  const again = commandLine('retrain', model, data, '--out', flags.out, '--resume')
  await runTraining('retrain', flags, again, async options =>
    flags.resume
      ? resume(data, { ...options, regrow, changes: retrainingChanges(original, flags) })
      : retrain(model, data, { ...options, rewind, regrow, ...retrainingConfiguration(original, flags) }),
  )
}

function readSettings({ set = [], backend }: Pick<RetrainFlags, 'set' | 'backend'>): Setting[] {
  const option = backendSettings(backend)
  const settings = [...parseSettings(set, READER), ...option]
  refuseTwice(settings, option)
  return settings
}

/** What `--rewind` and `--set` ask for where a retraining is resumed. */
function retrainingChanges(
  original: TrainingConfig,
  { rewind, weightsOf, ...flags }: RetrainFlags,
): ConfigurationDraft {
  if (weightsOf !== undefined)
    throw new UserError('usage', '--weights-of decides what a retraining begins from: with --resume it has begun')
  const settings = readSettings(flags)
  if (rewind === undefined) return applySettings({}, settings)
  const { learningRate, epochs, decayFrom } = rewoundOptions(original, rewind)
  return applySettings({ training: { learningRate, epochs, decayFrom } }, settings)
}

/** The paper's retraining, or the end of the first training once more, with settings applied. */
function retrainingConfiguration(original: TrainingConfig, { rewind, ...flags }: RetrainFlags): Configuration {
  const paper = rewind === undefined ? retrainingOptions(original) : rewoundOptions(original, rewind)
  const settings = readSettings(flags)
  const { training, gradual } = applySettings({ training: { ...paper, snapshots: [] } }, settings)
  return parseConfiguration(
    { training, gradual: gradual && { end: Number(training.epochs), ...gradual } },
    settings.map(({ option }) => option).join(' ') || 'retraining',
  )
}
