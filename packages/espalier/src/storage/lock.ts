/**
 * Locks of directories, so that two runs never work in one: a file beside the directory with host, process and a heartbeat.
 * A lock is stale where its process ran on this host and has ended, or where its heartbeat, on whatever host, stopped long
 * ago; then it is taken over, and the new holder is told.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { link, mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { UserError } from '@espalier/runtime'
import { onAbruptEnd, removeAtAbruptEnd } from './cleanup.ts'
import { HOST_ID, HOST_NAME, isRunning } from './host.ts'
import { lockPath } from './lock-name.ts'
import { partialPath } from './partial-files.ts'
import { exists } from './paths.ts'

/** Milliseconds between heartbeats, and without one until a lock of another host counts as stale. */
const BEAT = 5_000
const STALE = 120_000

interface Holder {
  readonly host: string
  readonly hostId: string
  readonly pid: number
  readonly token: string
  readonly since: string
}

/** A lock that is held. */
export interface Lock {
  /** Aborts where somebody else took the lock over: the work has to stop without writing. */
  readonly signal: AbortSignal
  release(): Promise<void>
}

export interface LockOptions {
  /** Told in one sentence where a stale lock is taken over. */
  onStale?(message: string): void
}

/** Locks of this process by path, with the number of nested holders. */
const held = new Map<string, { depth: number; readonly lock: Promise<Held> }>()

/** Runs work while a directory is locked; within one process locks of one path nest. @throws UserError `in-use`, `lock-lost` */
export async function withLock<T>(
  path: string,
  work: (lock: Pick<Lock, 'signal'>) => Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const lock = await acquireLock(path, options)
  try {
    return await work(lock)
  } finally {
    await lock.release()
  }
}

/** @throws UserError `in-use` where another process works there */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const key = resolve(path)
  const entry = held.get(key) ?? { depth: 0, lock: Held.acquire(key, options) }
  held.set(key, entry)
  entry.depth++
  const leave = async () => {
    if (--entry.depth === 0) {
      held.delete(key)
      await (await entry.lock).release()
    }
  }
  try {
    const { signal } = await entry.lock
    let released = false
    return {
      signal,
      release: async () => {
        if (released) return
        released = true
        await leave()
      },
    }
  } catch (error) {
    entry.depth--
    held.delete(key)
    throw error
  }
}

class Held {
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout

  /** @param withdraw takes back what was registered for an abrupt end */
  private constructor(
    readonly file: string,
    readonly holder: Holder,
    readonly withdraw: () => void,
  ) {
    this.#timer = setInterval(() => void this.#beat(), BEAT)
    this.#timer.unref()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  static async acquire(path: string, { onStale }: LockOptions): Promise<Held> {
    await mkdir(dirname(path), { recursive: true })
    const file = lockPath(path)
    const holder: Holder = {
      host: HOST_NAME,
      hostId: HOST_ID,
      pid: process.pid,
      token: randomBytes(8).toString('hex'),
      since: new Date().toISOString(),
    }
    // Registered before the lock is there: a signal may come as soon as it is.
    const withdraw = onAbruptEnd(() => {
      if (readFileSync(file, 'utf8').includes(holder.token)) rmSync(file)
    })
    try {
      await Held.#take(path, file, holder, onStale)
      return new Held(file, holder, withdraw)
    } catch (error) {
      withdraw()
      throw error
    }
  }

  static async #take(path: string, file: string, holder: Holder, onStale: LockOptions['onStale']): Promise<void> {
    // Each turn either makes the lock, or finds a holder, or removes a stale one: more turns mean that others do the same.
    for (let turn = 0; turn < 20; turn++) {
      if (await create(file, holder)) return
      const found = await read(file)
      if (found === undefined) continue
      if (!(await isStale(file, found))) throw inUse(path, file, found)
      if (await remove(file, found))
        onStale?.(`${path}: took over the lock of process ${found.pid} on ${found.host}, which has ended`)
    }
    throw new UserError('in-use', `${path} is in use: its lock ${file} changes hands all the time`)
  }

  /** Shows that this process lives, and notices when the lock is somebody else's. */
  async #beat(): Promise<void> {
    const found = await read(this.file).catch(() => undefined)
    if (found?.token === this.holder.token) {
      const now = new Date()
      await utimes(this.file, now, now).catch(() => {})
    } else if (found !== undefined || (await exists(dirname(this.file)))) {
      // A share that is away for a moment does not mean that the lock is lost.
      this.#abort.abort(new UserError('lock-lost', `${this.file} was taken over by another run: this one stops`))
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#timer)
    const found = await read(this.file).catch(() => undefined)
    if (found?.token === this.holder.token) await rm(this.file, { force: true })
    this.withdraw()
  }
}

/** Makes a lock file with its content in one act. @returns false where there is one */
async function create(file: string, holder: Holder): Promise<boolean> {
  const text = `${JSON.stringify(holder)}\n`
  const partial = partialPath(file)
  const withdraw = removeAtAbruptEnd(partial)
  await writeFile(partial, text)
  try {
    await link(partial, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    // A file system without hard links: made exclusively, it has its content a moment later.
    try {
      const handle = await open(file, 'wx')
      await handle.writeFile(text).finally(() => handle.close())
      return true
    } catch (second) {
      if ((second as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw second
    }
  } finally {
    await rm(partial, { force: true })
    withdraw()
  }
}

async function read(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Holder
  } catch {
    return { host: 'an unknown host', hostId: '', pid: 0, token: '', since: '' }
  }
}

async function isStale(file: string, { hostId, pid }: Holder): Promise<boolean> {
  if (hostId === HOST_ID) return !isRunning(pid)
  // Clocks of hosts differ, so the file system's own is asked.
  const probe = partialPath(file)
  await writeFile(probe, '')
  try {
    const [now, beat] = [await stat(probe), await stat(file)]
    return now.mtimeMs - beat.mtimeMs > STALE
  } catch {
    return false
  } finally {
    await rm(probe, { force: true })
  }
}

/** Removes a stale lock, unless somebody has replaced it since it was read. */
async function remove(file: string, stale: Holder): Promise<boolean> {
  const away = partialPath(file)
  try {
    await rename(file, away)
  } catch {
    return false
  }
  const moved = await read(away)
  if (moved?.token !== stale.token) await link(away, file).catch(() => {})
  await rm(away, { force: true })
  return moved?.token === stale.token
}

function inUse(path: string, file: string, { host, pid, since }: Holder): UserError {
  return new UserError(
    'in-use',
    `${path} is in use by process ${pid} on ${host} since ${since}; wait for it, stop it, or choose another directory` +
      ` (if that process is gone for certain, remove ${file})`,
  )
}
