/** Pages under policies and in engines that forbid what the runtime would like best, in a real browser. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks } from '../../../../test/code-blocks.ts'
import { Translator } from '../../src/index.ts'
import { tinyModel } from '../tiny-model.ts'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const skip = !existsSync(CHROMIUM)
if (skip)
  console.warn(`${CHROMIUM} is missing: pages are not tested in a browser (apt-get install chromium, or set CHROMIUM)`)

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
/** The page of the README. */
const EXAMPLE = codeBlocks('packages/runtime/README.md').find(({ language }) => language === 'html')?.text ?? ''
const SENTENCE = 'one two three'

/** Opens a model as the address of the page says, and writes on the page what came of it. */
const SCRIPT = `
const query = new URLSearchParams(location.search)
const runtime = await import(query.get('runtime') ?? './runtime/index.js')
const ways = {
  worker: runtime.startTranslator,
  anywhere: runtime.openTranslationService,
  here: runtime.Translator.load,
}
const progress = []
let result
try {
  const translator = await ways[query.get('way')](query.get('model') ?? 'model.espalier', {
    threads: Number(query.get('threads') ?? 1),
    onProgress: (received, total) => progress.push([received, total ?? null]),
  })
  const [[{ text, score }]] = await translator.translate(['${SENTENCE}'])
  result = { text, score, kind: translator.constructor.name, threads: translator.threads, progress }
} catch ({ name, code, message }) {
  result = { name, code, message }
}
document.body.dataset.result = JSON.stringify(result)
`

interface Result {
  readonly text?: string
  readonly score?: number
  readonly kind?: string
  readonly threads?: number
  readonly progress?: [number, number | null][]
  readonly name?: string
  readonly code?: string
  readonly message?: string
}

/** Serves the page; headers that its address names come with everything. */
async function serve(model: Uint8Array): Promise<Server> {
  const server = createServer(async ({ url, headers: { cookie } }, response) => {
    const { pathname, searchParams } = new URL(url ?? '/', 'http://localhost')
    const asked = searchParams.get('headers')
    // Scripts and workers get the headers of their page.
    if (asked) response.setHeader('set-cookie', `headers=${encodeURIComponent(asked)}`)
    const headers = asked ?? decodeURIComponent(/headers=([^;]*)/u.exec(cookie ?? '')?.[1] ?? '{}')
    for (const [name, value] of Object.entries(JSON.parse(headers))) response.setHeader(name, String(value))
    // Modules are the same everywhere; headers matter of the page and of the worker's file.
    if (pathname.startsWith('/runtime/') && !pathname.endsWith('/worker.js'))
      response.setHeader('cache-control', 'max-age=600')
    const send = (type: string, body: string | Uint8Array) => response.setHeader('content-type', type).end(body)
    if (pathname === '/') send('text/html', '<!doctype html><body><script type="module" src="main.js"></script>')
    else if (pathname === '/example') send('text/html', EXAMPLE)
    else if (pathname === '/main.js') send('text/javascript', SCRIPT)
    else if (pathname === '/model.espalier') send('application/octet-stream', model)
    else if (pathname === '/zipped') {
      const zipped = gzipSync(model)
      response.setHeader('content-encoding', 'gzip').setHeader('content-length', zipped.length)
      send('application/octet-stream', zipped)
    } else if (pathname.startsWith('/incomplete/') && !pathname.endsWith('/worker.js'))
      send('text/javascript', await readFile(dist + pathname.slice('/incomplete/'.length), 'utf8'))
    else if (pathname.startsWith('/runtime/')) send('text/javascript', await readFile(dist + pathname.slice(9), 'utf8'))
    else response.writeHead(404).end()
  })
  await new Promise<void>(resolve => server.listen(0, resolve))
  return server
}

const policy = (text: string) => ({ 'content-security-policy': text })
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
const NO_WASM = "default-src 'self'"
const NO_WORKER = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'"

describe.skipIf(skip)('the runtime in Chromium', () => {
  let browser: Browser
  let page: Page
  let server: Server
  let expected: { text: string; score: number }
  beforeAll(async () => {
    const model = await tinyModel()
    server = await serve(model)
    const [[found]] = await (await Translator.load(model)).translate([SENTENCE])
    expected = found
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    page = await browser.newPage()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function open(query: Record<string, string>, headers: object = {}, where = page): Promise<Result> {
    const { port } = server.address() as AddressInfo
    const parameters = new URLSearchParams({ ...query, headers: JSON.stringify(headers) })
    await where.goto(`http://localhost:${port}/?${parameters}`)
    const result = await where.waitForSelector('body[data-result]', { state: 'attached', timeout: 20_000 })
    const text = await result.getAttribute('data-result')
    return JSON.parse(text ?? '{}')
  }

  function expectTranslated(result: Result, kind: 'Translator' | 'WorkerTranslator') {
    expect(result).toMatchObject({ text: expected.text, kind })
    expect(result.score).toBeCloseTo(expected.score, 5)
  }

  it.each([
    ['nothing forbidden', {}],
    ['a policy with wasm-unsafe-eval', policy("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'")],
    ['a policy that forbids WebAssembly', policy(NO_WASM)],
  ])('translates on this thread and in a worker: %s', async (_name, headers) => {
    expectTranslated(await open({ way: 'here' }, headers), 'Translator')
    expectTranslated(await open({ way: 'worker' }, headers), 'WorkerTranslator')
    expectTranslated(await open({ way: 'anywhere' }, headers), 'WorkerTranslator')
  })

  it('translates in an engine without WebAssembly', async () => {
    // As engines are where no code may be compiled.
    const args = ['--no-sandbox', '--js-flags=--jitless']
    const without = await chromium.launch({ executablePath: CHROMIUM, args })
    try {
      const other = await without.newPage()
      expectTranslated(await open({ way: 'here' }, {}, other), 'Translator')
      const inWorker = await open({ way: 'worker', threads: '2' }, ISOLATED, other)
      expectTranslated(inWorker, 'WorkerTranslator')
      expect(inWorker.threads).toBe(1)
    } finally {
      await without.close()
    }
  })

  it.each([
    ['and WebAssembly', {}],
    ['and without WebAssembly', policy(NO_WASM)],
  ])('shares memory among threads where the page is isolated, %s', async (_name, headers) => {
    const result = await open({ way: 'worker', threads: '2' }, { ...ISOLATED, ...headers })
    expectTranslated(result, 'WorkerTranslator')
    expect(result.threads).toBe(2)
    expect((await open({ way: 'worker', threads: '2' }, headers)).threads).toBe(1)
  })

  it('says which policy forbids a worker, and does without it where asked', async () => {
    const result = await open({ way: 'worker' }, policy(NO_WORKER))
    expect(result).toMatchObject({ name: 'UserError', code: 'worker' })
    expect(result.message).toMatch(/Content-Security-Policy forbids it \(worker-src\): allow worker-src 'self'/)
    expectTranslated(await open({ way: 'anywhere' }, policy(NO_WORKER)), 'Translator')
  })

  it('says that the file of the worker is missing, and does without it where asked', async () => {
    const incomplete = { runtime: '/incomplete/index.js' }
    const result = await open({ way: 'worker', ...incomplete })
    expect(result).toMatchObject({ name: 'UserError', code: 'worker' })
    expect(result.message).toMatch(/worker\.js beside .*incomplete.* cannot be loaded: if your bundler left it out/)
    expectTranslated(await open({ way: 'anywhere', ...incomplete }), 'Translator')
  })

  it('has stable codes for models that cannot be fetched', async () => {
    for (const way of ['here', 'worker']) {
      expect(await open({ way, model: 'none' })).toMatchObject({ name: 'UserError', code: 'not-found' })
      const unreachable = { name: 'UserError', code: 'unreachable' }
      expect(await open({ way, model: 'http://localhost:1/model' })).toMatchObject(unreachable)
      const forbidden = policy("default-src 'self'; connect-src 'none'")
      expect(await open({ way }, forbidden)).toMatchObject(unreachable)
    }
  })

  it("runs the README's page", async () => {
    const { port } = server.address() as AddressInfo
    await page.goto(`http://localhost:${port}/example?headers={}`)
    const shown = () => expect.poll(() => page.textContent('#translation'), { timeout: 15_000 })
    await shown().toBe('')
    await page.fill('#text', SENTENCE)
    await shown().toBe(expected.text)
  })

  it('has progress that stays within its total, also of a model that comes compressed', async () => {
    for (const model of ['model.espalier', 'zipped']) {
      const { progress = [] } = await open({ way: 'here', model })
      expect(progress.length).toBeGreaterThan(0)
      for (const [received, total] of progress) expect(received).toBeLessThanOrEqual(total ?? received)
    }
  })
})
