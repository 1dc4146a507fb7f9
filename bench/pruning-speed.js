// Class-blind threshold and mask over the paper's 216 M weights: seconds, and memory beyond the weights.
//   npm run build && node bench/pruning-speed.js
import { readFileSync } from 'node:fs'
import { prune } from 'espalier/pruning'

const n = 1000
const shapes = /** @type {const} */ ([
  ['source-embedding', 50_000, n],
  ['target-embedding', 50_000, n],
  ...[1, 2, 3, 4].flatMap(l => [
    [`source-layer-${l}`, 4 * n, 2 * n],
    [`target-layer-${l}`, 4 * n, 2 * n],
  ]),
  ['attention', n, 2 * n],
  ['softmax', 50_000, n],
])
let state = 1
const classes = shapes.map(([name, rows, columns]) => {
  const data = new Float32Array(Number(rows) * Number(columns))
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    data[i] = state / 2 ** 31 / 10
  }
  return { name: String(name), tensors: [{ name: String(name), shape: [Number(rows), Number(columns)], data }] }
})
const kilobytes = (/** @type {string} */ key) =>
  Number(/(\d+)/.exec(readFileSync('/proc/self/status', 'utf8').split(key)[1])?.[1])
const before = kilobytes('VmRSS:')
const began = performance.now()
const mask = prune(classes, { scheme: 'class-blind', fraction: 0.8 })
const seconds = (performance.now() - began) / 1000
const beyond = (kilobytes('VmHWM:') - before) / 1024
console.log(
  `${mask.total} weights, ${mask.pruned()} pruned: ${seconds.toFixed(2)} s, ${beyond.toFixed(0)} MiB beyond the weights`,
)
console.log(JSON.stringify({ weights: mask.total, seconds, mebibytesBeyondWeights: beyond }))
