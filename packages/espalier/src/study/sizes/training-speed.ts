/**
 * How long an update of the weights takes in several trainings, measured in turns, so that what else the machine does meets
 * all of them alike.
 */
import { UserError } from '@espalier/runtime'
import type { NetworkConfig } from '../../configuration/network.ts'
import type { TrainingConfig } from '../../configuration/training.ts'
import type { PreparedCorpus } from '../../corpus/prepared-corpus.ts'
import { Backends } from '../../network/backend.ts'
import type { Parameters } from '../../network/parameters.ts'
import type { Mask } from '../../pruning/mask.ts'
import { Interrupted } from '../../store/model-store.ts'
import { updatesPerEpoch } from '../../training/epoch-plan.ts'
import { train } from '../../training/loop.ts'
import { MemoryStorage } from '../../training/memory-storage.ts'

/** A training whose speed is of interest. */
export interface TimedTraining {
  readonly training: TrainingConfig
  /** Reads or makes the network, anew for each turn: not all of them need to be in memory at once. */
  open(): Promise<{ readonly network: NetworkConfig; readonly parameters: Parameters; readonly mask?: Mask }>
}

export interface SpeedOptions {
  readonly corpus: PreparedCorpus
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Turns of each training; default 3. */
  readonly rounds?: number
  /** Updates of a turn that are timed; default 10. */
  readonly updates?: number
}

/** Updates of each turn that are not timed: they compile programs for shapes that are new. */
const WARM_UP = 3

/**
 * Seconds that an epoch of each training takes, without validation: the fastest of several turns, for other work on the
 * machine only slows. All take the same sentences where their seeds and batch sizes are the same.
 * @throws Interrupted
 */
export async function secondsPerEpoch(trainings: readonly TimedTraining[], options: SpeedOptions): Promise<number[]> {
  const { rounds = 3, corpus } = options
  const best = trainings.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round++)
    for (const [i, training] of trainings.entries()) best[i] = Math.min(best[i], await timeTurn(training, options))
  return best.map((seconds, i) => seconds * updatesPerEpoch(corpus.train.length, trainings[i].training))
}

/** Why a turn ends. */
const ENOUGH = new Error('enough updates were timed')

/** Seconds of an update, the mean of one turn. */
async function timeTurn({ training, open }: TimedTraining, options: SpeedOptions): Promise<number> {
  const { corpus, threads, signal, updates = 10 } = options
  const timed: number[] = []
  // The guard ends a training at once: nothing is validated or saved.
  const turn = new AbortController()
  let seen = 0
  const onStep = ({ seconds }: { readonly seconds: number }) => {
    if (++seen > WARM_UP) timed.push(seconds)
    if (timed.length >= updates) turn.abort(ENOUGH)
    if (signal?.aborted) turn.abort(new Interrupted())
  }
  const { digests, train: pairs, valid } = corpus
  const backends = new Backends({ threads })
  await train({
    ...(await open()),
    corpus: { train: pairs, valid, digest: digests['train.bin'] },
    // Of what training does beside updates, nothing comes before the turn is over.
    training: { ...training, epochs: 1e6, patience: 0, checkpointEvery: 1e9, snapshots: [] },
    storage: new MemoryStorage(),
    backend: backends,
    events: { onStep },
    guard: turn.signal,
  })
    .catch(error => {
      // How fast a training was that diverged is known all the same.
      const diverged = error instanceof UserError && error.code === 'diverged' && timed.length > 0
      if (error !== ENOUGH && !diverged) throw error
    })
    .finally(() => backends.close())
  return timed.reduce((sum, seconds) => sum + seconds, 0) / timed.length
}
