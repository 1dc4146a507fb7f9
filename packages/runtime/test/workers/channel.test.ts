import { describe, expect, it, vi } from 'vitest'
import { PackedFileError, UserError } from '../../src/index.ts'
import { WorkerChannel } from '../../src/workers/channel.ts'
import { deserializeError, serializeError } from '../../src/workers/errors.ts'
import type { Request } from '../../src/workers/protocol.ts'
import { FakeWorker } from './fake-worker.ts'

const request: Request = { kind: 'translate', sentences: ['one'], options: {} }
const reply = (id: number) => ({ kind: 'translated' as const, id, translations: [] })
const failure = (id: number, error: unknown) => ({ kind: 'failed' as const, id, error: serializeError(error) })

describe('a channel to a worker', () => {
  it('keeps two requests in flight apart, whatever the order of their replies', async () => {
    const worker = new FakeWorker()
    const channel = new WorkerChannel(worker)
    const both = [channel.ask('translated', request), channel.ask('translated', request)]
    const [first, second] = worker.requests.map(({ id }) => id)
    worker.reply(failure(second, new UserError('option-range', 'too much')))
    worker.reply(reply(first))
    await expect(both[1]).rejects.toMatchObject({ code: 'option-range' })
    expect(await both[0]).toEqual(reply(first))
  })

  it('gives the progress of a request to the one that asked', async () => {
    const worker = new FakeWorker(({ id }) => [{ kind: 'progress', id, received: 3, total: 9 }, reply(id)])
    const onProgress = vi.fn()
    await new WorkerChannel(worker).ask('translated', request, { onProgress })
    expect(onProgress.mock.calls).toEqual([[{ kind: 'progress', id: 0, received: 3, total: 9 }]])
  })

  it('rejects what a worker was asked when it dies, and what it is asked later', async () => {
    const worker = new FakeWorker()
    const channel = new WorkerChannel(worker)
    await channel.ready
    const asked = channel.ask('translated', request)
    worker.die('out of memory')
    const expected = { name: 'UserError', code: 'worker', message: "a translator's worker died: out of memory" }
    await expect(asked).rejects.toMatchObject(expected)
    await expect(channel.ask('translated', request)).rejects.toMatchObject(expected)
    expect(worker.terminated).toBe(true)
  })

  it('says of a worker that does not start that it does not, with a reason or without', async () => {
    const worker = new FakeWorker()
    const channel = new WorkerChannel(worker)
    worker.die()
    await expect(channel.ready).rejects.toMatchObject({ code: 'worker' })
    await expect(channel.ready).rejects.toThrow('could not be started: it gives no reason')
  })

  it('rejects what a worker was asked when it is released, and stays so though the worker dies of it', async () => {
    const worker = new FakeWorker()
    const channel = new WorkerChannel(worker)
    const asked = channel.ask('translated', request)
    channel.terminate()
    worker.die('it ended with exit status 1')
    await expect(asked).rejects.toMatchObject({ code: 'released' })
    await expect(channel.ask('translated', request)).rejects.toMatchObject({ code: 'released' })
  })

  it('rejects a request that cannot be sent', async () => {
    const channel = new WorkerChannel(new FakeWorker())
    const options = { dictionary: new Map([['a', () => {}]]) } as unknown as Extract<
      Request,
      { kind: 'translate' }
    >['options']
    const asked = channel.ask('translated', { kind: 'translate', sentences: [], options })
    await expect(asked).rejects.toMatchObject({ name: 'DataCloneError' })
  })
})

describe('an error between threads', () => {
  it.each([
    new UserError('not-found', 'section x: there is nothing there'),
    new PackedFileError('section y', 'section y: its checksum is wrong', 'damaged-file'),
    new PackedFileError('prefix', 'written by a newer program', 'other-version'),
    new TypeError('a bug'),
  ])('keeps its kind, message and code: %s', error => {
    const back = deserializeError(structuredClone(serializeError(error)))
    const { name, message } = error
    expect(back).toMatchObject({ name, message })
    if (error instanceof UserError) expect(back).toMatchObject({ code: error.code })
    expect(back instanceof UserError).toBe(error instanceof UserError)
    expect(back instanceof PackedFileError).toBe(error instanceof PackedFileError)
    if (error instanceof PackedFileError) expect(back).toMatchObject({ section: error.section, problem: error.problem })
    else if (!(error instanceof UserError)) expect(back.stack).toBe(error.stack)
  })

  it('may be anything that was thrown', () => {
    expect(deserializeError(serializeError('no error')).message).toBe('no error')
    expect(deserializeError(serializeError(undefined)).message).toBe('undefined')
  })
})
