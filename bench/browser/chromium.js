/** A Chromium of its own for each system, and in it the page that translates. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { serve } from './server.js'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
const root = fileURLToPath(new URL('../..', import.meta.url))
const ORT_WASM = join(root, 'bench/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm')

/**
 * What is missing that is not installed with the workspace, and how to install it; undefined if nothing is.
 * @param {{ dense: boolean }} options dense: whether a model is run by onnxruntime-web
 */
export function missing({ dense }) {
  if (!existsSync(CHROMIUM)) return `${CHROMIUM} is missing: apt-get install chromium, or set CHROMIUM`
  if (dense && !existsSync(new URL('../node_modules/onnxruntime-web', import.meta.url)))
    return 'onnxruntime-web is missing: npm ci --prefix bench'
  return undefined
}

/**
 * @typedef {{ kind: 'dense' | 'packed', files: Record<string, Uint8Array | string> }} Model files by name; dense:
 *   description, encoder, decoder; packed: model
 * @typedef {object} Memory mebibytes; what the operating system counts is there on Linux alone
 * @property {number} wasm WebAssembly's memory, which never shrinks
 * @property {number} jsHeap objects of scripts after a collection
 * @property {number} arrays the bytes of scripts' arrays after a collection
 * @property {number} [privateNow] the page's process: memory that no other process shares, compiled code included
 * @property {number} [peak] the page's process: the most it ever had in memory, libraries and fetched bytes included
 */

/**
 * Opens a page with a model that is not loaded yet.
 * @param {Model} model @param {{ isolated: boolean }} options isolated: from other origins, as threads need it
 */
export async function openPage(model, { isolated }) {
  const names = Object.keys(model.files)
  const files = new Map(names.map(name => [`/model/${name}`, model.files[name]]))
  const server = await serve({ root, folders: ['bench', 'packages'], files, isolated })
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  const page = await browser.newPage()
  page.on('pageerror', error => console.error(error))
  page.on('console', message => console.error(`page: ${message.text()}`))
  await page.goto(`${server.url}/bench/browser/page.html`)
  await page.waitForFunction('globalThis.bench !== undefined')
  /** @returns {Promise<any>} */
  const call = (/** @type {string} */ name, /** @type {unknown[]} */ ...values) =>
    page.evaluate(
      ([method, given]) => Object(globalThis).bench[method](...given),
      /** @type {[string, unknown[]]} */ ([name, values]),
    )
  const cdp = await page.context().newCDPSession(page)
  await call('work', 300)
  const renderer = watchProcess(await findRenderer(browser, cdp))
  return {
    /** Name and version. */
    browser: `${browser.browserType().name()} ${browser.version()}`,
    /** Loads the model and translates a sentence; see page.js. @returns {Promise<{ startMs: number, bytes: number }>} */
    async start(/** @type {string} */ sentence, { chosen = false } = {}) {
      if (!chosen) return call('open', model.kind, sentence, false)
      const folder = await mkdtemp(join(tmpdir(), 'espalier-bench-'))
      try {
        for (const name of names) await writeFile(join(folder, name), model.files[name])
        const code = model.kind === 'dense' ? [ORT_WASM] : []
        await page.setInputFiles('input', [...names.map(name => join(folder, name)), ...code])
        return await call('open', model.kind, sentence, true)
      } finally {
        await rm(folder, { recursive: true })
      }
    },
    /** @type {import('../turns.js').System['translate']} */
    translate: (sentences, setting) => call('translate', sentences, setting),
    /** What is held now. @returns {Promise<Memory>} */
    async memory() {
      await cdp.send('HeapProfiler.collectGarbage')
      const { usedSize, backingStorageSize } = await cdp.send('Runtime.getHeapUsage')
      const { privateNow, peak } = renderer.memory()
      const counted = { wasm: await call('wasmBytes'), jsHeap: usedSize, arrays: backingStorageSize, privateNow, peak }
      const mebibytes = (/** @type {number | undefined} */ bytes) => bytes && Number((bytes / 2 ** 20).toFixed(1))
      return /** @type {any} */ (Object.fromEntries(Object.entries(counted).map(([key, n]) => [key, mebibytes(n)])))
    },
    async close() {
      renderer.leave()
      await browser.close()
      server.close()
    },
  }
}

/**
 * The process of the page: of a browser's renderers, the one whose processor time is the page's.
 * @param {import('playwright-core').Browser} browser @param {import('playwright-core').CDPSession} page
 */
async function findRenderer(browser, page) {
  await page.send('Performance.enable')
  const { metrics } = await page.send('Performance.getMetrics')
  const time = metrics.find(({ name }) => name === 'ProcessTime')?.value ?? 0
  const cdp = await browser.newBrowserCDPSession()
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo')
  await cdp.detach()
  const distance = (/** @type {{ cpuTime: number }} */ { cpuTime }) => Math.abs(cpuTime - time)
  return processInfo.filter(({ type }) => type === 'renderer').sort((a, b) => distance(a) - distance(b))[0].id
}

/** Follows a process's memory. Linux keeps its peak, but Chromium has it forgotten now and then, so it is read often. */
function watchProcess(/** @type {number} */ id) {
  if (process.platform !== 'linux') return { memory: () => ({ privateNow: undefined, peak: undefined }), leave() {} }
  const bytes = (/** @type {string} */ file, /** @type {string} */ key) => {
    const text = readFileSync(`/proc/${id}/${file}`, 'utf8')
    return 1024 * Number(new RegExp(`^${key}:\\s+(\\d+)`, 'mu').exec(text)?.[1])
  }
  let peak = 0
  const look = () => {
    peak = Math.max(peak, bytes('status', 'VmHWM'))
  }
  const timer = setInterval(look, 50)
  return {
    memory() {
      look()
      return { privateNow: bytes('smaps_rollup', 'Private_Clean') + bytes('smaps_rollup', 'Private_Dirty'), peak }
    },
    leave: () => clearInterval(timer),
  }
}
