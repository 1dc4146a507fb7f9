/** `train`: a new model, or one that was interrupted. */
import { readMetrics } from '../../checkpoint/metrics-file.ts'
import { readManifest } from '../../checkpoint/model-directory.ts'
import { parseConfiguration } from '../../configuration/configuration.ts'
import { resume } from '../../pipeline/resume.ts'
import { trainNew } from '../../pipeline/train.ts'
import type { RunOptions } from '../../pipeline/training-job.ts'
import type { Outcome } from '../../training/options.ts'
import { commandLine } from '../command-line.ts'
import type { TrainFlags, TrainingRunFlags } from '../commands/train.ts'
import { readChanges, readConfiguration } from '../configuration-options.ts'
import { interruptible } from '../interrupt.ts'
import { note, printJson } from '../output.ts'
import { trainingProgress } from '../progress.ts'
import { backendSettings } from '../settings.ts'

const SECTIONS = ['model', 'training', 'gradual']

export async function trainAction(data: string, flags: TrainFlags): Promise<void> {
  const reader = { command: 'train', sections: SECTIONS }
  const { maskOf } = flags
  const settings = backendSettings(flags.backend)
  const again = commandLine('train', data, '--out', flags.out, '--resume')
  await runTraining('train', flags, again, async options => {
    if (flags.resume) return resume(data, { ...options, maskOf, changes: await readChanges(flags, reader, settings) })
    const { sections, origin } = await readConfiguration(flags, reader, settings)
    const { model, training, gradual } = sections
    const configuration = parseConfiguration({ model, training, gradual }, origin)
    return trainNew(data, { ...options, maskOf, configuration })
  })
}

/** Trains with a bar; SIGINT makes it write a checkpoint and stop. */
export async function runTraining(
  label: string,
  { out, force, threads, json }: TrainingRunFlags,
  again: string,
  run: (options: RunOptions) => Promise<Outcome>,
): Promise<void> {
  const events = trainingProgress(label)
  const outcome = await interruptible({
    onInterrupt: 'interrupted: writing a checkpoint',
    again,
    work: signal => run({ out, force, threads, events, signal, onNotice: note }),
    isInterrupted: result => result === 'interrupted',
  }).finally(() => events.stop())
  const convergence = outcome && outcome !== 'interrupted' ? (await readManifest(out)).convergence : undefined
  if (json)
    return printJson({ outcome: outcome ?? 'interrupted', model: out, convergence, epochs: await readMetrics(out) })
  if (outcome === 'completed') note(`done: ${out}`)
  if (outcome === 'stopped-early') note(`stopped early, validation no longer improves: ${out}`)
  if (convergence && !convergence.converged)
    note(`not converged: ${convergence.reason}; to train on: ${again} --set training.epochs=…`)
}
