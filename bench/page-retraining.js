// Retraining in the demonstration's page, as a visitor does it: the phrasebook's model is pruned, "Retrain" is pressed, and BLEU is
// read from the page until the time is over. In Debian's Chromium; the page trains on one thread of a worker.
//
//   npm run build && node bench/page-retraining.js [--models DIR] [--fraction 0.9] [--scheme class-blind] [--seconds 90]
//     [--target 75] [--throttle 1] [--json]
//
// The models are the demonstration's, which are trained if they are not there (minutes). Also told: how long tasks of the page's own
// thread were, and what the page downloads, models left out, compressed by gzip. `--throttle 4` makes the page's own thread four times
// slower, as a phone's is; workers are not slowed. Exit status 1: a bar was missed. CHROMIUM names another browser.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'

const LONGEST_TASK_MS = 50
const DOWNLOAD_BYTES = 150_000

const { values } = parseArgs({
  options: {
    models: { type: 'string' },
    fraction: { type: 'string', default: '0.9' },
    scheme: { type: 'string', default: 'class-blind' },
    seconds: { type: 'string', default: '90' },
    target: { type: 'string', default: '75' },
    throttle: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const [fraction, seconds, target, throttle] = [values.fraction, values.seconds, values.target, values.throttle].map(
  Number,
)
const say = (/** @type {string} */ line) => values.json || console.log(line)

const dist = await mkdtemp(join(tmpdir(), 'espalier-page-'))
const demo = await startDemo()
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  const page = await browser.newPage()
  /** @type {Set<string>} */
  const fetched = new Set()
  page.context().on('request', request => fetched.add(new URL(request.url()).pathname))
  await page.addInitScript(WATCH_TASKS())
  if (throttle > 1)
    await (await page.context().newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: throttle })
  await page.goto(demo.address)
  const bleu = await retrain(page)
  const tasks = /** @type {number[]} */ (await page.evaluate('longTasks'))
  const result = {
    fraction,
    scheme: values.scheme,
    browser: `Chromium ${browser.version()}`,
    ...bleu,
    longestTaskMs: Math.max(0, ...tasks),
    tasksOver50ms: tasks.length,
    downloadBytes: await download(fetched),
  }
  if (values.json) console.log(JSON.stringify(result))
  else console.table(result)
  const reached = result.secondsToTarget !== undefined && result.secondsToTarget <= seconds
  if (!reached || tasks.some(ms => ms > LONGEST_TASK_MS) || result.downloadBytes > DOWNLOAD_BYTES) process.exitCode = 1
} finally {
  await browser.close()
  demo.stop()
  await rm(dist, { recursive: true, force: true })
}

/** In the page, before anything of it runs. */
function WATCH_TASKS() {
  return `globalThis.longTasks = []
    new PerformanceObserver(list => { for (const { duration } of list.getEntries()) longTasks.push(Math.round(duration)) })
      .observe({ type: 'longtask', buffered: true })`
}

/** Prunes, presses the button, and reads BLEU. @param {import('playwright-core').Page} page */
async function retrain(page) {
  const text = async (/** @type {string} */ selector) => (await page.locator(selector).textContent()) ?? ''
  const bleuNow = async () => Number(await text('#meter-bleu .value'))
  // The page's policy forbids waitForFunction.
  const settled = async () => {
    const busy = () => page.locator('#meters').getAttribute('aria-busy')
    while ((await busy()) !== 'false' || !(await text('#meter-bleu .detail')).startsWith('of '))
      await page.waitForTimeout(50)
  }
  await settled()
  const dense = await bleuNow()
  await page.locator(`input[value=${values.scheme}]`).check()
  await page.locator('#fraction').fill(String(Math.round(100 * fraction)))
  await settled()
  const pruned = await bleuNow()
  say(`BLEU ${dense} unpruned, ${pruned} with ${100 * fraction} % pruned`)
  const began = performance.now()
  await page.locator('#retrain').click()
  let [secondsToTarget, best] = [/** @type {number | undefined} */ (undefined), 0]
  for (let last = ''; performance.now() - began < 1000 * seconds; await page.waitForTimeout(200)) {
    const figures = await text('#training-figures')
    const [bleu, detail] = [await bleuNow(), await text('#meter-bleu .detail')]
    const now = (performance.now() - began) / 1000
    if (detail.startsWith('of ')) {
      best = Math.max(best, bleu)
      if (bleu >= target) secondsToTarget ??= Number(now.toFixed(1))
      if (String(bleu) !== last) say(`${now.toFixed(0)} s: BLEU ${bleu}; ${figures}`)
      last = String(bleu)
    }
    const error = await text('#live-error')
    if (error) throw new Error(error)
    if ((await text('#retrain')) === 'Retrain further') break
  }
  const figures = await text('#training-figures')
  return {
    dense,
    pruned,
    best,
    target,
    secondsToTarget,
    wordsPerSecond: Number(figures.split(' ')[0].replaceAll(',', '')),
  }
}

/** @param {Set<string>} paths */
async function download(paths) {
  const files = [...paths]
    .filter(path => !path.startsWith('/models/'))
    .map(path => (path === '/' ? 'index.html' : path))
  const contents = await Promise.all(files.map(file => readFile(join(dist, file))))
  return contents.reduce((n, content) => n + gzipSync(content, { level: 9 }).length, 0)
}

/** @returns {Promise<{ address: string, stop(): void }>} */
function startDemo() {
  const script = fileURLToPath(new URL('../apps/demo/scripts/demo.js', import.meta.url))
  const models = values.models === undefined ? [] : ['--models', values.models]
  const child = spawn(process.execPath, [script, ...models, '--dist', dist, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', part => {
      output += part
      const [address] = /http:\/\/127\.0\.0\.1:\d+\//u.exec(output) ?? []
      if (address) resolve({ address, stop: () => child.kill() })
    })
    child.on('error', reject).on('close', status => reject(new Error(`the demonstration ended with status ${status}`)))
  })
}
