// Our sparse products against dense ones of ONNX Runtime, native and in WebAssembly, one thread each, in turns.
//
//   npm run build && npm ci --prefix bench && node bench/kernels.js [--rounds 15]
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { input, matmul, Random } from '@espalier/engine'
import { exportOnnx } from '@espalier/engine/onnx'
import {
  Activations,
  createKernels,
  createScratch,
  fastestKernels,
  Heap,
  matrixFromDense,
  multiply,
} from '@espalier/runtime/kernels'
import * as native from 'onnxruntime-node'
import { quantizeModel } from './baselines/quantize.js'
import { median } from './turns.js'

const { values: flags } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } })
const rounds = Number(flags.rounds)
const web = await import(pathToFileURL(createRequire(import.meta.url).resolve('onnxruntime-web')).href).catch(() => {
  console.error('onnxruntime-web is missing: npm ci --prefix bench. Measured without it.')
  return undefined
})
if (web) web.env.wasm.numThreads = 1

/** @typedef {{ run(): Promise<unknown>, free(): void }} Product of one batch, ready to be computed */

const random = new Random(1, 1)
const kernels = await fastestKernels()
const heap = Heap.create()
const implementation = await createKernels(heap.memory, kernels)

/**
 * Random weights, a share of them kept: single ones, or blocks of eight.
 * @param {number} rows @param {number} columns @param {number} kept the share @param {number} block 1 or 8
 * @param {'f32' | 'int8'} values
 * @returns {(batch: number) => Product}
 */
function ours(rows, columns, kept, block, values) {
  const data = new Float32Array(rows * columns)
  random.fillUniform(data, -0.1, 0.1)
  const marks = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i += block) if (random.integer(1000) < 1000 * kept) marks.fill(1, i, i + block)
  for (let i = 0; i < data.length; i++) if (marks[i] === 0) data[i] = 0
  const dense = { rows, columns, data, kept: marks }
  const matrix = matrixFromDense(heap, implementation, dense, { width: block, values })
  const scratch = createScratch(heap, [matrix])
  return batch => {
    const x = new Activations(heap, columns, batch)
    const y = new Activations(heap, rows, batch)
    random.fillUniform(heap.floats(x.pointer, (batch * x.stride) / 4), -1, 1)
    return {
      run: async () => multiply(implementation, [{ matrix, x }], y, scratch),
      free: () => {
        x.free()
        y.free()
      },
    }
  }
}

/**
 * A dense product, y = x W, by a runtime.
 * @param {any} ort the module of the runtime @param {number} rows @param {number} columns @param {'f32' | 'int8'} precision
 * @returns {Promise<(batch: number) => Product>}
 */
async function dense(ort, rows, columns, precision) {
  const data = new Float32Array(rows * columns)
  random.fillUniform(data, -0.1, 0.1)
  const x = input('x', 'float32', ['batch', columns])
  const constants = new Map([['w', { data, shape: [columns, rows] }]])
  const bytes = exportOnnx({ outputs: { y: matmul(x, input('w', 'float32', [columns, rows])) }, constants })
  const session = await ort.InferenceSession.create(precision === 'int8' ? quantizeModel(bytes) : bytes, {
    ...{ executionProviders: [ort === native ? 'cpu' : 'wasm'], intraOpNumThreads: 1, interOpNumThreads: 1 },
    ...{ graphOptimizationLevel: 'all', logSeverityLevel: 3 },
  })
  return batch => {
    const values = new Float32Array(batch * columns)
    random.fillUniform(values, -1, 1)
    const feeds = { x: new ort.Tensor('float32', values, [batch, columns]) }
    return { run: () => session.run(feeds), free: () => {} }
  }
}

const report = []
for (const [rows, columns] of [
  [4000, 2000],
  [2048, 1024],
]) {
  /** @type {[name: string, make: (batch: number) => Product][]} */
  const systems = [
    ['ours, single weights f32, 80 % pruned', ours(rows, columns, 0.2, 1, 'f32')],
    ['ours, single weights f32, 90 % pruned', ours(rows, columns, 0.1, 1, 'f32')],
    ['ours, single weights int8, 90 % pruned', ours(rows, columns, 0.1, 1, 'int8')],
    ['ours, blocks 1x8 int8, 80 % pruned', ours(rows, columns, 0.2, 8, 'int8')],
    ['ours, blocks 1x8 int8, 90 % pruned', ours(rows, columns, 0.1, 8, 'int8')],
    ['onnxruntime-node, dense f32', await dense(native, rows, columns, 'f32')],
    ['onnxruntime-node, dense int8', await dense(native, rows, columns, 'int8')],
  ]
  if (web)
    systems.push(
      ['onnxruntime-web, dense f32', await dense(web, rows, columns, 'f32')],
      ['onnxruntime-web, dense int8', await dense(web, rows, columns, 'int8')],
    )
  /** @type {Record<string, Record<string, number>>} */
  const table = {}
  for (const batch of [1, 4, 5, 16]) {
    const ready = systems.map(([, make]) => make(batch))
    const times = ready.map(() => /** @type {number[]} */ ([]))
    for (let round = -2; round < rounds; round++)
      for (const [k, { run }] of ready.entries()) {
        const began = performance.now()
        await run()
        if (round >= 0) times[k].push(performance.now() - began)
      }
    systems.forEach(([name], k) => {
      table[name] ??= {}
      table[name][`batch ${batch}, ms`] = Number(median(times[k]).toFixed(3))
    })
    for (const { free } of ready) free()
  }
  console.log(`${rows} × ${columns}; ours: ${kernels}; median of ${rounds}, in turns`)
  console.table(table)
  report.push({ rows, columns, kernels, table })
}
console.log(JSON.stringify(report))
