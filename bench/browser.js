// Translation inside a web page (Debian's Chromium, one thread), in turns: a model's directory run dense by
// onnxruntime-web in float32 and in int8, packed files by our own runtime, all with the same search. Start-up, speed and
// memory.
//
//   npm run build && npm ci --prefix bench   (the latter where a directory is among the models)
//   node bench/browser.js MODEL_DIRECTORY model.espalier … --source test.en
//     [--sentences 100] [--rounds 5] [--beams 1,5] [--batches 1,32] [--precisions f32,int8] [--isolated] [--out FILE]
//
// `--out` also writes all results to a file. A study reads that of its own packed models, so that its report has them:
//
//   node bench/browser.js STUDY/packed/*.espalier --source test.en --beams 5 --batches 32 --out STUDY/browser.json
//
// Each system has a browser of its own, so that memory is its own. Start-up: from bytes present to the first translation,
// in a page that is new each time. Memory: of a page whose files are chosen on it; a packed one is read as it comes.
// `--isolated` serves pages with the headers that threads need. CHROMIUM names another browser.
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { exportDense } from './baselines/dense.js'
import { missing, openPage } from './browser/chromium.js'
import { isPacked, measureInTurns, median, parseMeasurement, printSpeeds } from './turns.js'

const { models, lines, sentences, settings, rounds, precisions, isolated, out } = await parseMeasurement(
  'usage: node bench/browser.js MODELS… --source FILE; the comment in it names the options',
)
const lacking = missing({ dense: !models.every(isPacked) })
if (lacking) {
  console.error(lacking)
  process.exit(1)
}

/** @type {{ name: string, model: import('./browser/chromium.js').Model }[]} */
const contestants = []
for (const model of models.filter(model => !isPacked(model)))
  for (const precision of precisions) {
    const { description, encoder, decoder } = await exportDense(model, precision)
    const files = { description: JSON.stringify(description), encoder, decoder }
    contestants.push({ name: `dense ${precision} ${basename(model)}`, model: { kind: 'dense', files } })
  }
for (const file of models.filter(isPacked))
  contestants.push({
    name: basename(file),
    model: { kind: 'packed', files: { model: new Uint8Array(await readFile(file)) } },
  })

/** Start-up of each, in turns, every time in a new browser. */
const starts = contestants.map(() => /** @type {number[]} */ ([]))
/** Of the model, and of WebAssembly code that is a file. @type {number[]} */
const sizes = []
/** Name and version. */
let browser = ''
/** @type {import('./browser/chromium.js').Memory | undefined} */
let blank
for (let round = 0; round < rounds; round++)
  for (const [i, { model }] of contestants.entries()) {
    const page = await openPage(model, { isolated })
    blank ??= await page.memory()
    const { startMs, bytes } = await page.start(lines[0])
    starts[i].push(startMs)
    sizes[i] = bytes
    browser = page.browser
    await page.close()
  }

/** What stays open; the files are chosen on the page here: see page.js. */
/** @type {Awaited<ReturnType<typeof openPage>>[]} */
const pages = []
/** @type {import('./browser/chromium.js').Memory[]} */
const afterStart = []
for (const { model } of contestants) {
  const page = await openPage(model, { isolated })
  await page.start(lines[0], { chosen: true })
  pages.push(page)
  afterStart.push(await page.memory())
}

const systems = contestants.map(({ name, model }, i) => ({
  name,
  dense: model.kind === 'dense',
  translate: pages[i].translate,
}))
const speeds = await measureInTurns(systems, lines, { settings, rounds, sentences })
/** @type {import('./browser/chromium.js').Memory[]} */
const memories = []
for (const page of pages) {
  memories.push(await page.memory())
  await page.close()
}

const start = contestants.map(({ name }, i) => {
  const [bestMs, medianMs] = [Math.min(...starts[i]), median(starts[i])].map(Math.round)
  return { system: name, bytes: sizes[i], bestMs, medianMs }
})
const memory = contestants.map(({ name }, i) => ({ system: name, afterStart: afterStart[i], afterAll: memories[i] }))
console.log(
  'start-up: from bytes present (of the model, and of WebAssembly code that is a file) to the first translation',
)
console.table(start.map(({ bytes, ...times }) => ({ ...times, megabytes: Number((bytes / 1e6).toFixed(1)) })))
console.log('MiB after the first translation / after all; bench/browser/chromium.js says what each column is')
console.table([
  { system: 'the page before', ...blank },
  ...memory.map(({ system, afterStart, afterAll }) => ({
    system,
    ...Object.fromEntries(
      Object.entries(afterStart).map(([key, bytes]) => [key, `${bytes} / ${Object(afterAll)[key]}`]),
    ),
  })),
])
printSpeeds(speeds)
const results = { runtime: 'chromium', browser, isolated, sentences, rounds, start, blank, memory, speeds }
console.log(JSON.stringify(results))
if (out !== undefined) await writeFile(out, `${JSON.stringify(results, null, 1)}\n`)
