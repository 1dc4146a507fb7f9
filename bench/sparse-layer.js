// What a sparse layer costs in WebAssembly: its product, the gradient of its input and that of its weights, on one thread.
//   npm run build && node bench/sparse-layer.js [rows columns batch] [rounds]
import { gradients, input, matmul, mul, Random, sparseInput, sum } from '@espalier/engine'
import { wasmBackend } from '@espalier/engine/wasm'

const [rows = 2048, columns = 512, batch = 896, rounds = 25] = process.argv.slice(2).map(Number)
const random = new Random(1, 1)

/** Blocks of one row, each kept with this chance. @param {number} width @param {number} density */
function patternOf(width, density) {
  const starts = [0]
  /** @type {number[]} */
  const places = []
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c += width) if (random.uniform() < density) places.push(c)
    starts.push(places.length)
  }
  const block = /** @type {const} */ ([1, width])
  return { block, starts: Int32Array.from(starts), columns: Int32Array.from(places) }
}

/** @param {number[]} shape @param {import('@espalier/engine').SparsePattern} [pattern] */
function numbers(shape, pattern) {
  const data = new Float32Array(pattern ? pattern.columns.length * pattern.block[1] : shape[0] * shape[1])
  random.fillUniform(data, -1, 1)
  return { data, shape, pattern }
}

const backend = await wasmBackend()
/** @type {Record<string, object>} */
const table = {}
for (const width of [1, 4, 8])
  for (const density of [0.2, 0.1, 0.05]) {
    const x = input('x', 'float32', [batch, columns])
    const g = input('g', 'float32', [batch, rows])
    const w = sparseInput('w', 'float32', [rows, columns], { pattern: 'w', block: [1, width] })
    const y = matmul(x, w, { b: true })
    const slopes = gradients(sum(mul(y, g)), [x, w]).filter(slope => slope !== undefined)
    const program = await backend.compile({ outputs: { y: sum(y), dx: sum(slopes[0]), dw: sum(slopes[1]) } })
    const weights = numbers([rows, columns], patternOf(width, density))
    program.bind('w', weights)
    const values = { x: numbers([batch, columns]), g: numbers([batch, rows]) }
    for (const [name, value] of Object.entries(values)) program.bind(name, value)
    let best = Infinity
    for (let i = 0; i < rounds; i++) {
      const began = performance.now()
      await program.run()
      best = Math.min(best, performance.now() - began)
    }
    const operations = 6 * weights.data.length * batch
    table[`1x${width}, ${100 - 100 * density} % pruned`] = {
      'ms, best': Number(best.toFixed(1)),
      'GFLOP/s': Number((operations / best / 1e6).toFixed(1)),
    }
    await program.release()
  }
console.log(`${rows} × ${columns}, ${batch} rows; layouts and sums included; best of ${rounds}`)
console.table(table)
