/// <reference lib="dom" />
/** What the page does: opens one model and translates when it is told. bench/browser/chromium.js calls it. */
import { timeTranslation } from '../timing.js'

const ORT_WASM = '/bench/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'

/** Every WebAssembly memory of the page, its own or exported by a module. @type {Set<WebAssembly.Memory>} */
const memories = new Set()
watchMemories()

/** @type {import('@espalier/runtime').Translator | undefined} */
let translator

const fetchBytes = async (/** @type {string} */ url) => new Uint8Array(await (await fetch(url)).arrayBuffer())

/**
 * Opens a model whose bytes, and whose runtime's, are there, and translates one sentence.
 * @param {'dense' | 'packed'} kind
 * @param {string} sentence
 * @param {boolean} chosen whether the files are those that were chosen on the page, so that our runtime reads one as it
 *   comes: what a page under Playwright fetches is held besides, for developers' tools
 * @returns {Promise<{ startMs: number, bytes: number }>} `startMs`: from bytes present to the first translation, beam 5;
 *   scripts are loaded before, nothing is compiled or instantiated
 */
async function open(kind, sentence, chosen) {
  const { load, bytes } = await (kind === 'dense' ? openDense(chosen) : openPacked(chosen))
  const began = performance.now()
  translator = await load()
  await translator.translate([sentence], { beam: 5 })
  return { startMs: performance.now() - began, bytes }
}

/** A file that was chosen on the page. */
const chosenFile = (/** @type {string} */ name) =>
  /** @type {File} */ ([.../** @type {any} */ (document.querySelector('input')).files].find(file => file.name === name))

async function openPacked(/** @type {boolean} */ chosen) {
  const { Translator } = await import('@espalier/runtime')
  if (chosen) {
    const file = chosenFile('model')
    return { bytes: file.size, load: () => Translator.load(file) }
  }
  const bytes = await fetchBytes('/model/model')
  return { bytes: bytes.length, load: () => Translator.load(bytes) }
}

async function openDense(/** @type {boolean} */ chosen) {
  const ort = await import('onnxruntime-web')
  const { denseTranslator } = await import('../baselines/programs.js')
  const bytesOf = async (/** @type {string} */ name, address = `/model/${name}`) =>
    chosen ? new Uint8Array(await chosenFile(name).arrayBuffer()) : fetchBytes(address)
  const description = JSON.parse(new TextDecoder().decode(await bytesOf('description')))
  const [encoder, decoder] = [await bytesOf('encoder'), await bytesOf('decoder')]
  const wasm = await bytesOf(ORT_WASM.slice(ORT_WASM.lastIndexOf('/') + 1), ORT_WASM)
  // As an address, because bytes that are handed over would be held for good.
  const address = URL.createObjectURL(new Blob([wasm], { type: 'application/wasm' }))
  Object.assign(ort.env.wasm, { numThreads: 1, proxy: false, wasmPaths: { wasm: address } })
  const options = /** @type {const} */ ({
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  })
  const load = async () => {
    const sessions = {
      // The larger one first: what reading it took, and WebAssembly cannot give back, the other finds free.
      decoder: await ort.InferenceSession.create(decoder, options),
      encoder: await ort.InferenceSession.create(encoder, options),
    }
    URL.revokeObjectURL(address)
    return denseTranslator(description, sessions, ort.Tensor)
  }
  return { bytes: encoder.length + decoder.length + wasm.length, load }
}

/** Bytes of WebAssembly memory, which never shrinks: what it is now is its peak. */
function wasmBytes() {
  let total = 0
  for (const { buffer } of memories) total += buffer.byteLength
  return total
}

/** Notes memories as they come: made by scripts, or exported by instances. */
function watchMemories() {
  const { Memory, Instance, instantiate, instantiateStreaming } = WebAssembly
  const note = (/** @type {WebAssembly.Instance} */ instance) => {
    for (const value of Object.values(instance.exports)) if (value instanceof Memory) memories.add(value)
  }
  const noteResult = (/** @type {any} */ result) => {
    note(result instanceof Instance ? result : result.instance)
    return result
  }
  /** @param {new (...given: any[]) => any} original @param {(made: any) => void} noted */
  const watched = (original, noted) =>
    new Proxy(original, {
      construct(target, args) {
        const made = new target(...args)
        noted(made)
        return made
      },
    })
  Object.assign(WebAssembly, {
    Memory: watched(Memory, memory => memories.add(memory)),
    Instance: watched(Instance, note),
    instantiate: async (/** @type {Parameters<typeof instantiate>} */ ...given) =>
      noteResult(await instantiate(...given)),
    instantiateStreaming: async (/** @type {Parameters<typeof instantiateStreaming>} */ ...given) =>
      noteResult(await instantiateStreaming(...given)),
  })
}

/** Keeps the processor busy. @param {number} ms */
function work(ms) {
  const end = performance.now() + ms
  while (performance.now() < end);
}

Object.assign(globalThis, {
  bench: {
    open,
    /** @type {import('../turns.js').System['translate']} */
    translate: (sentences, setting) => timeTranslation(/** @type {any} */ (translator), sentences, setting),
    wasmBytes,
    work,
  },
})
