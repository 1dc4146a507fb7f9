/**
 * The training loop. It needs no disk and no Node module: it is given a corpus in memory, a backend that runs programs, and a
 * storage for what it makes.
 */
import { BackendError } from '@espalier/engine'
import { UserError } from '@espalier/runtime'
import { EpochPlan } from './epoch-plan.ts'
import type { Outcome, TrainOptions } from './options.ts'
import { TrainingRun } from './training-run.ts'

/**
 * Trains until the epochs are done, early stopping ends them, or the signal interrupts. The storage then has the model of the
 * best validation perplexity and a checkpoint to go on from.
 * @throws UserError `diverged`, and `out-of-memory` or `thread` of the backend, with the checkpoint before it intact; `nothing-to-train`, `not-a-number`; with `resume` also
 *   `no-checkpoint`, `other-data`, `not-changeable`, `finished`, `damaged-file`
 */
export function train(options: TrainOptions): Promise<Outcome> {
  const { corpus, training, signal, guard } = options
  // No frame that waits holds the parameters and the mask that were given: where kept values are all that training needs,
  // whole arrays can go.
  const { location } = options.storage
  return trainOpened(TrainingRun.open(options), { corpus, training, signal, guard }).catch(error => {
    if (!(error instanceof BackendError)) throw error
    const message = `${error.message}. The last checkpoint in ${location} is as it was`
    throw new UserError(error.code, message, { cause: error })
  })
}

async function trainOpened(
  opened: Promise<TrainingRun>,
  { corpus, training, signal, guard }: Pick<TrainOptions, 'corpus' | 'training' | 'signal' | 'guard'>,
): Promise<Outcome> {
  const run = await opened
  const { state } = run
  try {
    while (!state.finished) {
      const plan = new EpochPlan(corpus.train, training, state.epoch)
      while (state.update < plan.updates) {
        guard?.throwIfAborted()
        if (signal?.aborted) {
          await run.save(plan)
          return 'interrupted'
        }
        await run.pruneGradually(plan.progress(state.update))
        await run.update(plan)
        if (state.step % training.checkpointEvery === 0 && state.update < plan.updates) await run.save(plan)
      }
      guard?.throwIfAborted()
      await run.finishEpoch()
    }
    return state.epoch < training.epochs - 1e-9 ? 'stopped-early' : 'completed'
  } finally {
    await run.release()
  }
}
