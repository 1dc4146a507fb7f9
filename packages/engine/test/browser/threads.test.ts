/** The WebAssembly backend in a real browser: on a page's own thread, in a worker, on several threads, under a policy. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const skip = !existsSync(CHROMIUM)
if (skip)
  console.warn(`${CHROMIUM} is missing: pages are not tested in a browser (apt-get install chromium, or set CHROMIUM)`)

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

/** Ten steps of a recurrent network that learns, written so that Node and a page run the same. */
const STEPS = `
export async function steps(engine, wasmBackend, threads) {
  const { input, linear, scan, tanh, add, sub, mul, sumSquare, gradients, dropoutMask } = engine
  const [time, batch, size] = [6, 64, 128]
  const numbers = (scale, ...shape) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, i) => scale * Math.sin(i * i + 1))
    return { data, shape }
  }
  const x = mul(input('x', 'float32', [time, batch, size]), dropoutMask([time, batch, size], 0.2, 1))
  const w = input('w', 'float32', [size, size])
  const zero = input('zero', 'float32', [batch, size])
  const none = input('none', 'float32', [size])
  const { outputs } = scan([zero], [x], ([h], [xt]) => {
    const next = tanh(add(xt, linear(h, w, none)))
    return { carries: [next], outputs: [next] }
  })
  const loss = sumSquare(sub(outputs[0], input('y', 'float32', [time, batch, size])))
  const [slope] = gradients(loss, [w])
  const backend = await wasmBackend({ threads })
  const program = await backend.compile({ outputs: { loss }, updates: { w: sub(w, mul(slope, 1e-4)) } })
  const weights = backend.place(numbers(0.1, size, size))
  program.bind('w', weights)
  const values = {
    x: numbers(0.5, time, batch, size),
    y: numbers(0.3, time, batch, size),
    zero: numbers(0, batch, size),
    none: numbers(0, size),
  }
  const losses = []
  for (let step = 1; step <= 10; step++) {
    const results = await program.run(values, { seed: 1, step })
    losses.push(results.loss.data[0])
  }
  const last = Array.from((await weights.read()).slice(0, 100))
  await backend.release()
  return { threads: backend.threads, losses, last }
}
`
const RUN = `
import * as engine from './engine/index.js'
import { wasmBackend } from './engine/backends/wasm/index.js'
import { steps } from './steps.js'
export const run = threads =>
  steps(engine, wasmBackend, threads).catch(({ name, code, message }) => ({ name, code, message }))
`
const PAGE = `
const query = new URLSearchParams(location.search)
const threads = Number(query.get('threads'))
const show = result => { document.body.dataset.result = JSON.stringify(result) }
if (query.get('where') === 'page') show(await (await import('./run.js')).run(threads))
else {
  const worker = new Worker('work.js', { type: 'module' })
  worker.onmessage = ({ data }) => show(data)
  worker.postMessage(threads)
}
`
const WORK = `
import { run } from './run.js'
onmessage = async ({ data }) => postMessage(await run(data))
`

interface Result {
  readonly threads: number
  readonly losses: number[]
  readonly last: number[]
}

/** Serves the page and the built engine; everything has the headers that the page's address names. */
async function serve(): Promise<Server> {
  const scripts = new Map([
    ['/steps.js', STEPS],
    ['/run.js', RUN],
    ['/main.js', PAGE],
    ['/work.js', WORK],
  ])
  let headers: Record<string, string> = {}
  const server = createServer(async ({ url }, response) => {
    const { pathname, searchParams } = new URL(url ?? '/', 'http://localhost')
    if (pathname === '/') headers = JSON.parse(searchParams.get('headers') ?? '{}')
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const send = (type: string, body: string) => response.setHeader('content-type', type).end(body)
    if (pathname === '/') send('text/html', '<!doctype html><body><script type="module" src="main.js"></script>')
    else if (scripts.has(pathname)) send('text/javascript', scripts.get(pathname) ?? '')
    else if (pathname.startsWith('/engine/')) send('text/javascript', await readFile(dist + pathname.slice(8), 'utf8'))
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, resolve))
  return server
}

const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src "

describe.skipIf(skip)('the WebAssembly backend in Chromium', () => {
  let browser: Browser
  let server: Server
  let expected: Result
  beforeAll(async () => {
    server = await serve()
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    const { steps } = await import(`data:text/javascript,${encodeURIComponent(STEPS)}`)
    const [engine, { wasmBackend }] = [await import(`${dist}index.js`), await import(`${dist}backends/wasm/index.js`)]
    expected = await steps(engine, wasmBackend, 1)
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function open(where: 'page' | 'worker', threads: number, headers: object = {}): Promise<Result> {
    const page = await browser.newPage()
    try {
      const { port } = server.address() as AddressInfo
      const query = new URLSearchParams({ where, threads: String(threads), headers: JSON.stringify(headers) })
      await page.goto(`http://localhost:${port}/?${query}`)
      const result = await page.waitForSelector('body[data-result]', { state: 'attached', timeout: 20_000 })
      return JSON.parse((await result.getAttribute('data-result')) ?? '{}')
    } finally {
      await page.close()
    }
  }

  /** The same as in Node, but for the last digit: engines may have fused multiply-adds. */
  function expectSame(found: Result, threads: number) {
    expect(found).toMatchObject({ threads })
    for (const [i, loss] of found.losses.entries()) expect(Math.abs(loss / expected.losses[i] - 1)).toBeLessThan(1e-5)
    for (const [i, weight] of found.last.entries()) expect(Math.abs(weight - expected.last[i])).toBeLessThan(1e-5)
    expect(found.losses).toHaveLength(10)
    expect(found.losses[9]).toBeLessThan(found.losses[0])
  }

  it.each(['page', 'worker'] as const)('learns in a %s as in Node, on one thread and on two', async where => {
    const one = await open(where, 1)
    expectSame(one, 1)
    const two = await open(where, 2, ISOLATED)
    expectSame(two, 2)
    expect({ ...two, threads: 1 }).toEqual(one)
  })

  it('has one thread where memory cannot be shared', async () => {
    expectSame(await open('worker', 2), 1)
  })

  it('needs no more than workers of its own origin, and says what forbids these', async () => {
    const strict = { ...ISOLATED, 'content-security-policy': `${POLICY}'self'` }
    expectSame(await open('page', 2, strict), 2)
    expectSame(await open('worker', 2, strict), 2)
    const forbidden = { ...ISOLATED, 'content-security-policy': `${POLICY}'none'` }
    expect(await open('page', 2, forbidden)).toMatchObject({
      name: 'BackendError',
      code: 'thread',
      message: expect.stringContaining('policy'),
    })
  })
})
