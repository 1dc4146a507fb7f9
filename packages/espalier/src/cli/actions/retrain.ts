/** `retrain`: a pruned model, trained further. */
import { UserError } from '@espalier/runtime'
import { readManifest } from '../../checkpoint/model-directory.ts'
import { type Configuration, parseConfiguration } from '../../configuration/configuration.ts'
import type { TrainingConfig } from '../../configuration/training.ts'
import { resume, retrain } from '../../pipeline/train.ts'
import { retrainingOptions, rewoundOptions } from '../../training/learning-rate.ts'
import { commandLine } from '../command-line.ts'
import type { RetrainFlags } from '../commands/retrain.ts'
import { applySettings, parseSettings } from '../settings.ts'
import { runTraining } from './train.ts'

export async function retrainAction(model: string, data: string, flags: RetrainFlags): Promise<void> {
  const { rewind: epoch, regrow, weightsOf } = flags
  if (weightsOf !== undefined && epoch === undefined)
    throw new UserError('usage', '--weights-of needs --rewind, the epoch to take the weights of')
  const rewind = epoch !== undefined && weightsOf !== undefined ? { model: weightsOf, epoch } : undefined
  const original = (await readManifest(model)).training
  const { training, gradual } = retrainingConfiguration(original, flags)
  const again = commandLine('retrain', model, data, '--out', flags.out, '--resume')
  await runTraining('retrain', flags, again, options =>
    flags.resume
      ? resume(data, options)
      : retrain(model, data, () => training, { ...options, rewind, regrow, gradual }),
  )
}

/** The paper's retraining, or the end of the first training once more, with settings applied. */
function retrainingConfiguration(original: TrainingConfig, { rewind, set = [] }: RetrainFlags): Configuration {
  const paper = rewind === undefined ? retrainingOptions(original) : rewoundOptions(original, rewind)
  const settings = parseSettings(set, { command: 'retrain', sections: ['training', 'gradual'] })
  const { training, gradual } = applySettings({ training: { ...paper, snapshots: [] } }, settings)
  return parseConfiguration(
    { training, gradual: gradual && { end: Number(training.epochs), ...gradual } },
    set.length > 0 ? `--set ${set.join(' --set ')}` : 'retraining',
  )
}
