/** What every training in a model's directory has in common: its options, and the loop with the directory as storage. */
import type { ModelManifest } from '../checkpoint/model-directory.ts'
import { DirectoryStorage } from '../checkpoint/training-checkpoint.ts'
import type { TrainingConfig } from '../configuration/training.ts'
import { openPrepared } from '../corpus/prepared.ts'
import type { PreparedCorpus } from '../corpus/prepared-corpus.ts'
import { Backends } from '../network/backend.ts'
import type { Parameters } from '../network/parameters.ts'
import type { Mask } from '../pruning/mask.ts'
import { train } from '../training/loop.ts'
import type { TrainingEvents } from '../training/metrics.ts'
import type { Outcome } from '../training/options.ts'

export interface RunOptions {
  /** The model's directory. */
  readonly out: string
  /** Replaces a model that is there. */
  readonly force?: boolean
  /** Inside an operator; default: as many as there are cores. */
  readonly threads?: number
  readonly events?: TrainingEvents
  /** Once aborted, training saves and stops after the update in progress. */
  readonly signal?: AbortSignal
  /** Told in a sentence of what is unusual, as of a lock that was left behind. */
  onNotice?(message: string): void
}

/** Where prepared data is: it is given as a directory's path, or opened already. */
export const pathOf = (data: string | PreparedCorpus) => (typeof data === 'string' ? data : data?.directory)

/** Opens prepared data that is not open yet: many models of one study are trained on one. */
export async function openOnce(data: string | PreparedCorpus): Promise<PreparedCorpus> {
  return typeof data === 'string' ? openPrepared(data) : data
}

export interface TrainingJob {
  readonly corpus: PreparedCorpus
  readonly manifest: ModelManifest
  readonly parameters: Parameters
  readonly mask?: Mask
  readonly resume: boolean
  /** Aborts where another run took the directory over. */
  readonly guard: AbortSignal
}

/** @throws UserError `no-onnxruntime`, `onnxruntime-does-not-load` where the settings ask for it */
export async function requireBackend({ backend }: TrainingConfig): Promise<void> {
  if (backend !== 'auto') await new Backends({ threads: 1 }).open(backend)
}

/**
 * Trains in a directory that has everything but the parameters. Nothing here waits, so that nothing holds parameters and mask
 * while training needs them no longer.
 */
export function runTraining(job: TrainingJob, { out, threads, events, signal }: RunOptions): Promise<Outcome> {
  const { corpus, manifest, parameters, mask, resume, guard } = job
  const backends = new Backends({ threads })
  return train({
    corpus: { train: corpus.train, valid: corpus.valid, digest: corpus.digests['train.bin'] },
    network: manifest.model,
    training: manifest.training,
    gradual: manifest.gradual,
    parameters,
    mask,
    storage: new DirectoryStorage(out),
    backend: backends,
    resume,
    events,
    signal,
    guard,
  }).finally(() => backends.close())
}
