/** Going on with a training that was interrupted, that diverged, or that is to be longer. */
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import { parameterSpecs } from '@espalier/runtime/architectures'
import { maskFromTensors } from '../checkpoint/mask-file.ts'
import { type ModelManifest, readManifest, trainedConfiguration } from '../checkpoint/model-directory.ts'
import { readSafetensors } from '../checkpoint/safetensors.ts'
import { hasCheckpoint } from '../checkpoint/training-checkpoint.ts'
import { type ConfigurationDraft, parseConfiguration } from '../configuration/configuration.ts'
import type { TrainingConfig } from '../configuration/training.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import { withLock } from '../storage/lock.ts'
import { exists } from '../storage/paths.ts'
import type { Outcome } from '../training/options.ts'
import { checkChangeable, settingChanges } from '../training/setting-changes.ts'
import { checkArguments } from './arguments.ts'
import { readMaskOf } from './mask-of.ts'
import { openOnce, pathOf, type RunOptions, runTraining } from './training-job.ts'

export interface ResumeOptions extends RunOptions {
  /**
   * Settings from now on. Those that the training has already change nothing; of others only what `CHANGEABLE` lists can
   * change, so that the checkpoint fits: it is noted in `config.json` and in the next line of `metrics.jsonl`.
   */
  readonly changes?: ConfigurationDraft
  /** Has to be the model whose mask the training holds. */
  readonly maskOf?: string
  /** Has to be false where the training holds a mask. */
  readonly regrow?: boolean
}

/**
 * Goes on with a training from its last checkpoint, bit for bit as if it had not been interrupted if no setting changes.
 * @param data what it was trained on
 * @throws UserError `usage`, `no-checkpoint`, `other-data`, `not-changeable`, `finished`, `in-use`; those of training
 */
export async function resume(data: string | PreparedCorpus, options: ResumeOptions): Promise<Outcome> {
  checkArguments('resume', { data: pathOf(data) }, options)
  if (options.force)
    throw new UserError('usage', '--resume goes on with what is in --out, and --force would replace it: leave one out')
  return withLock(options.out, ({ signal }) => goOn(data, options, signal), { onStale: options.onNotice })
}

async function goOn(data: string | PreparedCorpus, options: ResumeOptions, guard: AbortSignal): Promise<Outcome> {
  const manifest = await readManifest(options.out)
  const training = changedTraining(manifest, options.changes ?? {})
  const corpus = await openOnce(data)
  if (!(await hasCheckpoint(options.out)))
    throw new UserError(
      'no-checkpoint',
      `${options.out} has no checkpoint to go on from, as where a run was stopped before its first: begin anew with --force`,
    )
  const parameters = emptyParameters(manifest)
  const mask = await readMask(options.out, parameters)
  await checkMask(options, manifest, parameters, mask)
  const job = { corpus, manifest: { ...manifest, training }, parameters, mask, guard, resume: true }
  return runTraining(job, options)
}

/** The training's settings with the changes. @throws UserError `not-changeable`, and those of `parseConfiguration` */
function changedTraining(manifest: ModelManifest, changes: ConfigurationDraft): TrainingConfig {
  const recorded = trainedConfiguration(manifest)
  const given = parseConfiguration(
    {
      ...changes,
      model: { ...recorded.model, ...changes.model },
      training: { ...recorded.training, ...changes.training },
      gradual: changes.gradual ? { ...recorded.gradual, ...changes.gradual } : recorded.gradual,
    },
    '--resume',
  )
  checkChangeable(settingChanges(recorded.model, given.model), 'model')
  checkChangeable(settingChanges(recorded.gradual ?? {}, given.gradual ?? {}), 'gradual')
  checkChangeable(settingChanges(recorded.training, given.training))
  return given.training
}

/** Parameters of the network's shapes, for the checkpoint to fill. */
function emptyParameters({ model }: ModelManifest): Parameters {
  return new Map(
    parameterSpecs(model).map(({ name, shape }) => [
      name,
      { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
    ]),
  )
}

async function readMask(directory: string, parameters: Parameters): Promise<Mask | undefined> {
  const path = join(directory, 'mask.safetensors')
  return (await exists(path)) ? maskFromTensors((await readSafetensors(path)).tensors, parameters) : undefined
}

/** Refuses options that contradict the mask that a training holds. @throws UserError `not-changeable` */
async function checkMask(
  { out, maskOf, regrow }: ResumeOptions,
  { gradual }: ModelManifest,
  parameters: Parameters,
  mask: Mask | undefined,
): Promise<void> {
  if (regrow && mask && !gradual)
    throw new UserError('not-changeable', `--regrow: ${out} is trained with a mask, which --resume cannot give up`)
  if (maskOf === undefined) return
  const given = await readMaskOf(maskOf, parameters)
  // Gradual pruning may have added to the mask.
  const same = mask?.includes(given) && (gradual !== undefined || given.includes(mask))
  if (!same)
    throw new UserError('not-changeable', `--mask-of ${maskOf}: ${out} is trained with another mask; leave it out`)
}
