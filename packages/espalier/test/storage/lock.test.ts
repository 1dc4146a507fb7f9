import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { createDirectoryAtomic } from '../../src/storage/atomic-directory.ts'
import { HOST_ID } from '../../src/storage/host.ts'
import { acquireLock, withLock } from '../../src/storage/lock.ts'
import { lockPath } from '../../src/storage/lock-name.ts'
import { temporaryDirectory } from '../support.ts'

/** A process of this host that lives as long as the test wants. */
async function otherProcess(): Promise<{ pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  await once(child, 'spawn')
  return {
    pid: child.pid!, // It has spawned.
    end: async () => {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}
const holder = (pid: number, hostId = HOST_ID) => JSON.stringify({ host: 'h', hostId, pid, token: 't', since: 'then' })

describe('withLock', () => {
  test('leaves nothing behind, and nests within one process', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'model')
    await withLock(out, () => withLock(out, () => createDirectoryAtomic(out, { kind: 'model' }, async () => {})))
    expect(await readdir(directory)).toEqual(['model'])
    await expect(withLock(out, () => Promise.reject(new Error('stop')))).rejects.toThrow('stop')
    expect(await readdir(directory)).toEqual(['model'])
  })

  test('refuses while another process holds it, and takes over what a killed one left, saying so', async () => {
    const out = join(await temporaryDirectory(), 'model')
    const other = await otherProcess()
    await writeFile(lockPath(out), holder(other.pid))
    const refused = { code: 'in-use', message: expect.stringContaining(`process ${other.pid}`) }
    await expect(acquireLock(out)).rejects.toMatchObject(refused)
    await expect(createDirectoryAtomic(out, { kind: 'model' }, async () => {})).rejects.toMatchObject(refused)
    await other.end()
    const told: string[] = []
    await withLock(out, async () => {}, { onStale: message => told.push(message) })
    expect(told).toEqual([expect.stringContaining(`process ${other.pid} on h`)])
  })

  test("another host's lock is stale when its heartbeat has stopped for minutes, not before", async () => {
    const out = join(await temporaryDirectory(), 'model')
    // The number of a process says nothing across hosts: this one would run here.
    await writeFile(lockPath(out), holder(process.pid, 'otherhost0'))
    await expect(acquireLock(out)).rejects.toMatchObject({ code: 'in-use' })
    const minutesAgo = new Date(Date.now() - 5 * 60_000)
    await utimes(lockPath(out), minutesAgo, minutesAgo)
    await (await acquireLock(out)).release()
  })

  test('a damaged lock file is not taken for none', async () => {
    const out = join(await temporaryDirectory(), 'model')
    await writeFile(lockPath(out), '{"host":')
    await expect(acquireLock(out)).rejects.toMatchObject({ code: 'in-use' })
  })

  test('of many that want a stale lock one gets it', async () => {
    const directory = await temporaryDirectory()
    const out = join(directory, 'model')
    await writeFile(lockPath(out), holder(999_999_999))
    const script = `
      import { acquireLock } from ${JSON.stringify(new URL('../../dist/storage/lock.js', import.meta.url).href)}
      await acquireLock(process.argv[1]).then(() => console.log('got'), error => console.log(error.code))
      setTimeout(() => process.exit(), 1500)`
    const results = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script, out])
        let text = ''
        for await (const part of child.stdout) text += part
        return text.trim()
      }),
    )
    expect(results.sort()).toEqual(['got', 'in-use', 'in-use', 'in-use'])
  }, 30_000)

  test('release does not remove a lock that somebody else has taken over', async () => {
    const out = join(await temporaryDirectory(), 'model')
    const lock = await acquireLock(out)
    await writeFile(lockPath(out), holder(1, 'otherhost0'))
    await lock.release()
    expect(JSON.parse(await readFile(lockPath(out), 'utf8')).hostId).toBe('otherhost0')
  })

  test('the holder learns that its lock was taken over', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    try {
      const out = join(await temporaryDirectory(), 'model')
      const lock = await acquireLock(out)
      vi.advanceTimersByTime(6_000)
      await new Promise(resolve => setTimeout(resolve, 50))
      expect(lock.signal.aborted).toBe(false)
      await writeFile(lockPath(out), holder(1, 'otherhost0'))
      vi.advanceTimersByTime(6_000)
      await vi.waitFor(() => expect(lock.signal.reason).toMatchObject({ code: 'lock-lost' }))
      await lock.release()
    } finally {
      vi.useRealTimers()
    }
  })
})
