import { describe, expect, it, vi } from 'vitest'
import { LatestTranslation, SupersededError, type Translation, UserError, WorkerTranslator } from '../../src/index.ts'
import { WorkerChannel } from '../../src/workers/channel.ts'
import { serializeError } from '../../src/workers/errors.ts'
import type { ReplyMessage, RequestMessage } from '../../src/workers/protocol.ts'
import { FakeWorker } from './fake-worker.ts'

const translationOf = (text: string): Translation[] => [
  { text: `${text}!`, tokens: [text], score: 0, alignment: '', truncated: false },
]

function translate(request: RequestMessage): ReplyMessage[] {
  if (request.kind !== 'translate') throw new Error('only translations are asked for')
  return [{ kind: 'translated', id: request.id, translations: request.sentences.map(translationOf) }]
}

function translatorOf(workers: readonly FakeWorker[]) {
  const model = { bytes: 1, quality: [], memory: 1 }
  return new WorkerTranslator(
    workers.map(worker => new WorkerChannel(worker)),
    model,
    true,
  )
}

/** Replies to the last request of a worker. */
const finish = (worker: FakeWorker) => {
  for (const reply of translate(worker.requests[worker.requests.length - 1])) worker.reply(reply)
}

const texts = (results: readonly Translation[][]) => results.map(([best]) => best.text)
const turn = () => new Promise(resolve => setImmediate(resolve))

describe('a translator in workers', () => {
  it('gives each worker a batch and answers in the order of the sentences, with progress', async () => {
    const workers = [new FakeWorker(translate), new FakeWorker(translate), new FakeWorker(translate)]
    const sentences = ['a b c', 'a', 'b c d e', '', 'b c', 'd', 'f g']
    const onProgress = vi.fn()
    expect(texts(await translatorOf(workers).translate(sentences, { onProgress }))).toEqual(sentences.map(s => `${s}!`))
    expect(workers.map(({ requests }) => requests.length)).toEqual([1, 1, 1])
    const done = onProgress.mock.calls.map(([n]) => n)
    expect(done).toEqual([...done].sort((a, b) => a - b))
    expect(done.at(-1)).toBe(sentences.length)
  })

  it('streams, and counts progress over all that was read', async () => {
    const onProgress = vi.fn()
    const sentences = Array.from({ length: 3000 }, (_, i) => `s${i}`)
    const found: string[] = []
    for await (const [best] of translatorOf([new FakeWorker(translate)]).stream(sentences, { onProgress }))
      found.push(best.text)
    expect(found).toEqual(sentences.map(s => `${s}!`))
    expect(onProgress.mock.lastCall).toEqual([3000])
  })

  it('sends the greatest lengths as a table', async () => {
    const worker = new FakeWorker(translate)
    await translatorOf([worker]).translate(['a'], { maxLength: n => n + 1, maxSourceLength: 3 })
    expect(worker.requests[0]).toMatchObject({ options: { maxLengths: [2, 3, 4], maxSourceLength: 3 } })
  })

  it('is rejected with the reason at once when its signal is aborted, and begins no further batch', async () => {
    const worker = new FakeWorker()
    const translator = translatorOf([worker])
    const controller = new AbortController()
    const asked = translator.translate(['a', 'b', 'c'], { batchSize: 1, signal: controller.signal })
    await turn()
    controller.abort(new Error('no longer wanted'))
    await expect(asked).rejects.toThrow('no longer wanted')
    finish(worker)
    await turn()
    expect(worker.requests.length).toBe(1)
    // The worker is free again, and a signal that was aborted before asks nothing.
    await expect(translator.translate(['d'], { signal: controller.signal })).rejects.toThrow('no longer wanted')
    const next = translator.translate(['d'])
    await turn()
    finish(worker)
    expect(texts(await next)).toEqual(['d!'])
    expect(worker.requests.length).toBe(2)
  })

  it('begins no further batch once one has failed', async () => {
    const worker = new FakeWorker(({ id }) => [
      { kind: 'failed', id, error: serializeError(new UserError('not-a-number', 'weights are too great')) },
    ])
    const asked = translatorOf([worker]).translate(['a', 'b', 'c'], { batchSize: 1 })
    await expect(asked).rejects.toMatchObject({ code: 'not-a-number' })
    await turn()
    expect(worker.requests.length).toBe(1)
  })

  it('released while it is busy rejects what was begun and what was not', async () => {
    const worker = new FakeWorker()
    const translator = translatorOf([worker])
    const asked = [translator.translate(['a', 'b'], { batchSize: 1 }), translator.translate(['c'])]
    await turn()
    await translator.release()
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'released' })
    await expect(translator.translate(['d'])).rejects.toMatchObject({ code: 'released' })
    await translator.release()
    expect(worker.terminated).toBe(true)
    expect(translator.threads).toBe(0)
  })

  it('goes on with the workers that live when one dies', async () => {
    const workers = [new FakeWorker(), new FakeWorker(translate)]
    const translator = translatorOf(workers)
    await turn()
    const asked = translator.translate(['a', 'b'])
    await turn()
    workers[0].die('killed')
    await expect(asked).rejects.toMatchObject({ code: 'worker' })
    expect(translator.threads).toBe(1)
    for (let i = 0; i < 3; i++) expect(texts(await translator.translate(['a', 'b']))).toEqual(['a!', 'b!'])
    workers[1].die('killed')
    await expect(translator.translate(['a'])).rejects.toMatchObject({ code: 'worker' })
  })

  it('rejects who waits for a worker when the last one dies', async () => {
    const worker = new FakeWorker()
    const translator = translatorOf([worker])
    const asked = [translator.translate(['a']), translator.translate(['b'])]
    await turn()
    worker.die('killed')
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'worker' })
  })

  it.each([
    ['a string', 'one', /an array of strings/],
    ['a number among strings', ['one', 2], /sentence 1 is no string: it is 2/],
    ['nothing', undefined, /this is undefined/],
  ])('refuses sentences that are none: %s', async (_name, sentences, message) => {
    const translator = translatorOf([new FakeWorker(translate)])
    // As plain JavaScript may call it.
    const given = sentences as unknown as string[]
    await expect(translator.translate(given)).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(translator.translate(given)).rejects.toThrow(message)
    await expect(translator.stream(given).next()).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})

describe('the latest translation', () => {
  it('supersedes the one before, which is rejected by that name', async () => {
    const worker = new FakeWorker()
    const latest = new LatestTranslation(translatorOf([worker]))
    const first = latest.translate(['a'])
    await turn()
    const second = latest.translate(['b'])
    await expect(first).rejects.toBeInstanceOf(SupersededError)
    await expect(first).rejects.toMatchObject({ name: 'SupersededError', code: 'superseded' })
    finish(worker)
    await turn()
    finish(worker)
    expect(texts(await second)).toEqual(['b!'])
  })

  it('can be cancelled, which has another name', async () => {
    const latest = new LatestTranslation(translatorOf([new FakeWorker()]))
    const asked = latest.translate(['a'])
    latest.cancel()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })
})
