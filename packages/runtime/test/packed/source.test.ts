import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Translator } from '../../src/index.ts'
import { ByteSource, type PackedSource } from '../../src/packed/source.ts'

/** @returns the address of a server that answers like this */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.espalier`
}

/** Reads all of a source. */
async function readAll(source: PackedSource) {
  const progress: [received: number, total: number | undefined][] = []
  const bytes = await ByteSource.open(source, (received, total) => progress.push([received, total]))
  const content = (await bytes.take(1 << 24)).slice()
  await bytes.close()
  return { content, progress }
}

const data = Uint8Array.from({ length: 300_000 }, (_, i) => (i >> 8) & 255)

describe('a model from a server', () => {
  it('is read with progress up to its length', async () => {
    const url = await serve((_, response) => response.setHeader('content-length', data.length).end(data))
    const { content, progress } = await readAll(url)
    expect(Buffer.compare(content, data)).toBe(0)
    expect(progress.at(-1)).toEqual([data.length, data.length])
  })

  it('is read with progress without a total where it comes compressed', async () => {
    const zipped = gzipSync(data)
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length }).end(zipped),
    )
    for (const source of [url, await fetch(url)]) {
      const { content, progress } = await readAll(source)
      expect(Buffer.compare(content, data)).toBe(0)
      expect(progress.map(([, total]) => total)).toEqual(progress.map(() => undefined))
    }
  })

  it('has progress that never goes over a total that was too small', async () => {
    const source = new Response(data, { headers: { 'content-length': '1000' } })
    for (const [received, total] of (await readAll(source)).progress)
      expect(received).toBeLessThanOrEqual(total ?? received)
  })

  it.each([
    [404, 'not-found'],
    [410, 'not-found'],
    [403, 'http-error'],
    [503, 'http-error'],
  ])('is refused with the status where the server answers %i', async (status, code) => {
    const url = await serve((_, response) => response.writeHead(status).end('sorry'))
    await expect(readAll(url)).rejects.toMatchObject({ name: 'UserError', code, message: expect.stringContaining(url) })
    await expect(readAll(url)).rejects.toThrow(`answered ${status}`)
  })

  it('is unreachable where nobody listens, and where the connection breaks', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': data.length }).write(data.subarray(0, 1000))
      setTimeout(() => response.destroy(), 20)
    })
    await expect(readAll(url)).rejects.toMatchObject({ name: 'UserError', code: 'unreachable' })
    await expect(readAll('http://127.0.0.1:1/model')).rejects.toMatchObject({ name: 'UserError', code: 'unreachable' })
  })
})

describe('something else than a model', () => {
  it.each([undefined, null, 5, {}, [], () => {}])('is refused by name: %s', async source => {
    // As plain JavaScript may call it.
    const loading = Translator.load(source as unknown as PackedSource)
    await expect(loading).rejects.toMatchObject({ name: 'UserError', code: 'invalid-argument' })
  })

  it('as a path is refused outside of a page, where it is no address', async () => {
    await expect(Translator.load('model.espalier')).rejects.toMatchObject({ code: 'invalid-argument' })
    await expect(Translator.load('model.espalier')).rejects.toThrow(/model.espalier is not an address.*bytes of a file/)
  })
})
