/** Batches of sentences of similar length, so that little of a batch is padding; results in the order of the input. */
import { UserError } from '../errors.ts'

/** The most that one batch may hold. A sentence that is too long by itself is a batch of its own. */
export interface BatchBudget {
  /** Sentences; default 64. */
  readonly sentences?: number
  /** Sentences × the longest one's length; default 4096. */
  readonly tokens?: number
}

/** Batches of positions in `lengths`, the longest first: trouble with memory shows at once. */
export function batchesByLength(lengths: ArrayLike<number>, budget: BatchBudget = {}): number[][] {
  const { sentences = 64, tokens = 4096 } = budget
  for (const [name, value] of Object.entries({ sentences, tokens }))
    if (!(value >= 1)) throw new UserError('option-range', `${value} ${name} a batch; there must be at least 1`)
  const order = Array.from({ length: lengths.length }, (_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b)
  const batches: number[][] = []
  for (let start = 0; start < order.length; ) {
    const fitting = Math.floor(tokens / Math.max(1, lengths[order[start]]))
    const end = start + Math.max(1, Math.min(sentences, fitting))
    batches.push(order.slice(start, end))
    start = end
  }
  return batches
}

export interface InBatchesOptions<T, R> extends BatchBudget {
  length(item: T): number
  /** The results of a batch, in its order. Batches come one after another, never two at once. */
  work(batch: T[]): Promise<R[]>
  /**
   * Items read ahead and sorted together at most; default 2048. It bounds what is held in memory. Items that arrive
   * slowly are not waited for.
   */
  readonly window?: number
}

/** How long an item may take to arrive before what has arrived is worked on without it. */
const PATIENCE_MILLISECONDS = 20

/** Items as they come, `size` at a time; fewer where the next one is not there: it may be a long time coming. */
export async function* windows<T>(items: Iterable<T> | AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  if (Symbol.asyncIterator in items) {
    yield* arrivedWindows(items[Symbol.asyncIterator](), size)
    return
  }
  let ahead: T[] = []
  for (const item of items) {
    ahead.push(item)
    if (ahead.length < size) continue
    yield ahead
    ahead = []
  }
  if (ahead.length > 0) yield ahead
}

async function* arrivedWindows<T>(iterator: AsyncIterator<T>, size: number): AsyncGenerator<T[]> {
  /** The item that was asked for and has not been looked at. */
  let coming: Promise<IteratorResult<T>> | undefined
  let ended = false
  const ask = () => {
    const next = iterator.next()
    // It may fail while a window is being worked on; that is thrown when it is awaited.
    next.catch(() => {})
    return next
  }
  try {
    while (!ended) {
      const ahead: T[] = []
      coming ??= ask()
      for (;;) {
        const next: IteratorResult<T> | undefined = await (ahead.length === 0 ? coming : arrived(coming))
        if (next === undefined) break
        coming = undefined
        ended = next.done === true
        if (!next.done) ahead.push(next.value)
        if (ended || ahead.length === size) break
        coming = ask()
      }
      if (ahead.length > 0) yield ahead
    }
  } catch (error) {
    ended = true
    throw error
  } finally {
    // An item that is still to come is not waited for.
    if (!ended) {
      const closed = Promise.resolve(iterator.return?.())
      if (coming === undefined) await closed
      else closed.catch(() => {})
    }
  }
}

/** The item if it arrives soon, else undefined. */
async function arrived<T>(coming: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MILLISECONDS)
  })
  return Promise.race([coming, late]).finally(() => clearTimeout(timer))
}

/** Yields the result of each item, in the items' order, having worked on them in batches of similar length. */
export async function* inBatches<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  options: InBatchesOptions<T, R>,
): AsyncGenerator<R, void, undefined> {
  const { window = 2048 } = options
  if (!(window >= 1)) throw new UserError('option-range', `a window of ${window} items; it must hold at least 1`)
  for await (const ahead of windows(items, window)) yield* await workThrough(ahead, options)
}

async function workThrough<T, R>(items: readonly T[], options: InBatchesOptions<T, R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  const lengths = items.map(item => options.length(item))
  for (const batch of batchesByLength(lengths, options)) {
    const found = await options.work(batch.map(i => items[i]))
    if (found.length !== batch.length) throw new Error(`${found.length} results for a batch of ${batch.length}`)
    for (let k = 0; k < batch.length; k++) results[batch[k]] = found[k]
  }
  return results
}
