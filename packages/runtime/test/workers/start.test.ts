import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { createNodeWorker } from '@espalier/runtime/node'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type LengthNormalization,
  LIMITS,
  openTranslationService,
  PackedFileError,
  startTranslator,
  type TranslationService,
  Translator,
  UserError,
  type WorkerLike,
  WorkerTranslator,
} from '../../src/index.ts'
import { tinyModel } from '../tiny-model.ts'
import { FakeWorker, servedWorker } from './fake-worker.ts'

const model = await tinyModel()
const sentences = ['one two', '', 'three', 'four three two one', 'five']
// Alone, so that the same numbers are summed in the same order wherever it is done.
const options = { beam: 3, nbest: 2, attention: true, alignments: true, batchSize: 1 }

/** A worker that cannot be started. */
function brokenWorker(): WorkerLike {
  const worker = new FakeWorker()
  worker.reply = () => {}
  queueMicrotask(() => worker.die('a policy forbids it'))
  return worker
}

/** All ways to the same model. */
const services: [string, () => Promise<TranslationService>][] = [
  ['on this thread', () => Translator.load(model)],
  ['in a worker', () => startTranslator(model, { createWorker: servedWorker })],
  ['in a thread of Node', () => startTranslator(model, { createWorker: createNodeWorker })],
  ['in two threads of Node', () => startTranslator(model, { createWorker: createNodeWorker, threads: 2 })],
  ['in workers where they may be', () => openTranslationService(model, { createWorker: servedWorker })],
  ['here where workers may not be', () => openTranslationService(model, { createWorker: brokenWorker })],
]

describe.each(services)('a translation service %s', (_name, open) => {
  it('does what all others do', async () => {
    const service = await open()
    const expected = await (await Translator.load(model)).translate(sentences, options)
    expect(service.hasAttention).toBe(true)
    expect(service.model).toMatchObject({ bytes: model.length, quality: [{ name: 'BLEU', value: 12.5 }] })
    expect(service.model?.memory).toBeGreaterThan(0)
    const onProgress = vi.fn()
    expect(await service.translate(sentences, { ...options, onProgress })).toEqual(expected)
    expect(onProgress.mock.lastCall).toEqual([sentences.length])
    const streamed = []
    for await (const translations of service.stream(sentences, options)) streamed.push(translations)
    expect(streamed).toEqual(expected)
    const short = await service.translate(sentences, { beam: 1, maxLength: () => 1 })
    for (const [best] of short) expect(best.tokens.length).toBeLessThanOrEqual(1)
    await service[Symbol.asyncDispose]()
    await service.release()
    await expect(service.translate(sentences)).rejects.toMatchObject({ name: 'UserError', code: 'released' })
  })

  it('takes a signal, and refuses what is out of range', async () => {
    const service = await open()
    onTestFinished(() => service.release())
    const reason = new Error('no longer wanted')
    await expect(service.translate(sentences, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(service.stream(sentences, { signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason)
    const controller = new AbortController()
    const onProgress = () => controller.abort(reason)
    const asked = service.translate(sentences, { batchSize: 1, signal: controller.signal, onProgress })
    await expect(asked).rejects.toBe(reason)
    for (const wrong of [
      { beam: 0 },
      { beam: LIMITS.beam + 1 },
      { beam: 2, nbest: 3 },
      { batchSize: 1.5 },
      { batchSize: LIMITS.batchSize + 1 },
      { beam: LIMITS.beam, batchSize: LIMITS.batchSize },
      { batchTokens: Number.NaN },
      { maxSourceLength: LIMITS.maxSourceLength + 1 },
      { maxLength: () => 0 },
      { maxLength: () => LIMITS.maxLength + 1 },
    ])
      await expect(service.translate(sentences, wrong)).rejects.toMatchObject({ code: 'option-range' })
    // As plain JavaScript may call it.
    for (const wrong of [{ dictionary: { a: 'b' } }, { signal: true }, { maxLength: 5 }, { onProgress: null }])
      await expect(service.translate(sentences, wrong as object)).rejects.toMatchObject({ code: 'invalid-argument' })
    const normalization = 'average' as unknown as LengthNormalization
    await expect(service.translate(sentences, { normalization })).rejects.toMatchObject({ code: 'option-range' })
    const string = 'one' as unknown as string[]
    await expect(service.translate(string)).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(service.stream(string).next()).rejects.toMatchObject({ code: 'invalid-argument' })
  })
})

describe('a translator that is started', () => {
  it('shares one memory among its threads', async () => {
    const translator = await startTranslator(model, { threads: 3, createWorker: createNodeWorker })
    onTestFinished(() => translator.release())
    expect(translator.threads).toBe(3)
  })

  it('takes addresses, blobs, streams and what iterates over bytes', async () => {
    const blob = new Blob([model])
    async function* pieces() {
      for (let at = 0; at < model.length; at += 100) yield model.subarray(at, at + 100)
    }
    const url = `data:application/octet-stream;base64,${Buffer.from(model).toString('base64')}`
    for (const source of [blob, blob.stream(), new Response(blob), pieces(), url, new URL(url), model.buffer]) {
      const onProgress = vi.fn()
      const translator = await startTranslator(source, { createWorker: servedWorker, onProgress })
      expect(onProgress.mock.lastCall?.[0]).toBe(model.length)
      await translator.release()
    }
  })

  it('reads streams itself where an engine hands none over', async () => {
    const createWorker = () => {
      const worker = servedWorker()
      const send = worker.postMessage
      worker.postMessage = (message, transfer = []) => {
        if (transfer.length > 0) throw new DOMException('no streams', 'DataCloneError')
        send(message)
      }
      return worker
    }
    const translator = await startTranslator(new Blob([model]).stream(), { createWorker })
    expect(translator.model.bytes).toBe(model.length)
    await translator.release()
  })

  it('names the status of a response that is an error', async () => {
    for (const open of [Translator.load, (source: Response) => startTranslator(source, { createWorker: servedWorker })])
      await expect(open(new Response('sorry', { status: 404 }))).rejects.toMatchObject({ code: 'not-found' })
  })

  it('rejects a damaged file by its section, and ends its worker', async () => {
    const damaged = model.slice()
    damaged[damaged.length - 12] ^= 1
    const worker = servedWorker()
    const terminate = vi.spyOn(worker, 'terminate')
    const started = startTranslator(damaged, { createWorker: () => worker })
    await expect(started).rejects.toBeInstanceOf(PackedFileError)
    await expect(started).rejects.toMatchObject({ code: 'damaged-file', section: 'softmax.bias/values' })
    expect(terminate).toHaveBeenCalled()
  })

  it('says why its worker cannot be started', async () => {
    const started = startTranslator(model, { createWorker: brokenWorker })
    await expect(started).rejects.toMatchObject({ name: 'UserError', code: 'worker' })
    await expect(started).rejects.toThrow('could not be started: a policy forbids it')
    // Node has no web workers.
    await expect(startTranslator(model)).rejects.toThrow(/no web workers: give createWorker/)
  })

  it('falls back to this thread for workers alone, not for a model that is damaged', async () => {
    expect(await openTranslationService(model)).toBeInstanceOf(Translator)
    const inWorker = await openTranslationService(model, { createWorker: servedWorker })
    expect(inWorker).toBeInstanceOf(WorkerTranslator)
    await expect(openTranslationService(model.subarray(0, 100), { createWorker: servedWorker })).rejects.toThrow(
      PackedFileError,
    )
  })

  it.each([0, 1.5, -1, Number.NaN, LIMITS.threads + 1, 1000])('refuses %d threads', async threads => {
    const createWorker = vi.fn(servedWorker)
    const started = startTranslator(model, { threads, createWorker })
    await expect(started).rejects.toMatchObject({ name: 'UserError', code: 'option-range' })
    await expect(started).rejects.toThrow(`threads is ${threads}`)
    expect(createWorker).not.toHaveBeenCalled()
  })

  it('refuses what is no model before it starts a worker', async () => {
    const createWorker = vi.fn(servedWorker)
    // As plain JavaScript may call it.
    const nothing = undefined as unknown as Uint8Array
    await expect(startTranslator(nothing, { createWorker })).rejects.toBeInstanceOf(UserError)
    expect(createWorker).not.toHaveBeenCalled()
  })

  it('in threads of Node does not keep a program from ending', async () => {
    const built = (name: string) => JSON.stringify(new URL(`../../dist/${name}`, import.meta.url))
    const program = `
      import { startTranslator } from ${built('index.js')}
      import { createNodeWorker as createWorker } from ${built('node/index.js')}
      const model = Buffer.from('${Buffer.from(model).toString('base64')}', 'base64')
      const translator = await startTranslator(model, { threads: 2, createWorker })
      const found = await translator.translate(['one', 'two'])
      console.log(found.length)
    `
    const words = ['--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, words, { timeout: 20_000 })
    expect(stdout).toBe('2\n')
  })

  it('notices a thread of Node that ends', async () => {
    const workers: WorkerLike[] = []
    const createWorker = () => {
      workers.push(createNodeWorker())
      return workers[0]
    }
    const translator = await startTranslator(model, { createWorker })
    await workers[0].terminate()
    await vi.waitFor(() => expect(translator.threads).toBe(0))
    await expect(translator.translate(['one'])).rejects.toMatchObject({ code: 'worker' })
  })
})
