/**
 * The kernels in plain TypeScript: for engines without SIMD, and what tests hold the fast ones against. Same names,
 * same pointers; assembly/ documents them.
 */
import type { Kernels, MatrixParts } from './kernels.ts'
import type { KernelMemory } from './memory.ts'

export function scalarKernels(memory: KernelMemory): Kernels {
  const floats = () => new Float32Array(memory.buffer)
  const words = () => new Uint32Array(memory.buffer)

  /** A matrix, as describeMatrix wrote it. */
  function matrixAt(at: number): MatrixParts {
    const [starts, order, indices, values, width, rows, columns, table, scales] = words().subarray(at >> 2)
    return { starts, order, indices, values, width, rows, columns, table, scales }
  }

  /** y[r] += Σ w · x for all lanes, a weight being `value(k)`. */
  function multiply(
    { starts, order, indices, width, rows }: MatrixParts,
    [x, lanes, y]: readonly number[],
    value: (place: number) => number,
    scale: (row: number) => number,
  ): void {
    const [f, u, index] = [floats(), words(), new Uint16Array(memory.buffer)]
    const sums = new Float32Array(lanes)
    for (let row = 0; row < rows; row++) {
      const r = u[(order >> 2) + row]
      sums.fill(0)
      for (let k = u[(starts >> 2) + row]; k < u[(starts >> 2) + row + 1]; k++)
        for (let i = 0; i < width; i++) {
          const w = value(k * width + i)
          const from = (x >> 2) + (index[(indices >> 1) + k] * width + i) * lanes
          for (let lane = 0; lane < lanes; lane++) sums[lane] += w * f[from + lane]
        }
      const to = (y >> 2) + r * lanes
      for (let lane = 0; lane < lanes; lane++) f[to + lane] += scale(r) * sums[lane]
    }
  }

  function embed(
    { starts, indices, width, columns }: MatrixParts,
    [row, out]: readonly number[],
    value: (place: number) => number,
  ): void {
    const [f, u, index] = [floats(), words(), new Uint16Array(memory.buffer)]
    for (let k = u[(starts >> 2) + row]; k < u[(starts >> 2) + row + 1]; k++)
      for (let i = 0, column = index[(indices >> 1) + k] * width; i < width && column < columns; i++, column++)
        f[(out >> 2) + column] = value(k * width + i)
  }

  return {
    multiplyFloat(at, x, lanes, y) {
      const [m, f] = [matrixAt(at), floats()]
      multiply(
        m,
        [x, lanes, y],
        k => f[(m.values >> 2) + k],
        () => 1,
      )
    },
    multiplyCoded(at, x, lanes, y) {
      const [m, f, code] = [matrixAt(at), floats(), new Uint8Array(memory.buffer)]
      const value = (k: number) => f[(m.table >> 2) + code[m.values + k]]
      multiply(m, [x, lanes, y], value, r => f[(m.scales >> 2) + r])
    },
    multiplyBlocks(at, x, activationScales, count, y) {
      const { starts, order, indices, values, rows, scales } = matrixAt(at)
      const [f, u, index] = [floats(), words(), new Uint16Array(memory.buffer)]
      const [code, activation] = [new Int8Array(memory.buffer), new Int16Array(memory.buffer)]
      const lanes = count === 1 ? 1 : count > 4 ? 8 : 4
      for (let lane = 0; lane < count; lane++)
        for (let row = 0; row < rows; row++) {
          const r = u[(order >> 2) + row]
          let sum = 0
          for (let k = u[(starts >> 2) + row]; k < u[(starts >> 2) + row + 1]; k++)
            for (let i = 0; i < 8; i++) {
              const column = index[(indices >> 1) + k] * 8 + i
              sum += code[values + k * 8 + i] * activation[(x >> 1) + eights(column, lane, count)]
            }
          f[(y >> 2) + r * lanes + lane] += f[(scales >> 2) + r] * f[(activationScales >> 2) + lane] * sum
        }
    },
    quantize(x, stride, features, count, limit, out, scales) {
      const [f, q] = [floats(), new Int16Array(memory.buffer)]
      for (let row = 0; row < count; row++) {
        const from = (x + row * stride) >> 2
        let largest = 1e-20
        for (let i = 0; i < features; i++) largest = Math.max(largest, Math.abs(f[from + i]))
        f[(scales >> 2) + row] = largest / limit
        for (let i = 0; i < features; i++)
          q[(out >> 1) + eights(i, row, count)] = roundEven((f[from + i] * limit) / largest)
      }
    },
    toPanel(x, stride, features, count, room, lanes, panel) {
      const f = floats()
      f.fill(0, panel >> 2, (panel >> 2) + room * lanes)
      for (let row = 0; row < count; row++)
        for (let i = 0; i < features; i++) f[(panel >> 2) + i * lanes + row] = f[((x + row * stride) >> 2) + i]
    },
    fillPanel(x, features, lanes, panel) {
      const f = floats()
      for (let i = 0; i < features; i++)
        f.fill(x ? f[(x >> 2) + i] : 0, (panel >> 2) + i * lanes, (panel >> 2) + (i + 1) * lanes)
    },
    fromPanel(panel, lanes, features, count, y, stride) {
      const f = floats()
      for (let row = 0; row < count; row++)
        for (let i = 0; i < features; i++) f[((y + row * stride) >> 2) + i] = f[(panel >> 2) + i * lanes + row]
    },
    embedFloat(at, row, out) {
      const [m, f] = [matrixAt(at), floats()]
      embed(m, [row, out], k => f[(m.values >> 2) + k])
    },
    embedCoded(at, row, out) {
      const [m, f, code] = [matrixAt(at), floats(), new Uint8Array(memory.buffer)]
      const scale = f[(m.scales >> 2) + row]
      embed(m, [row, out], k => scale * f[(m.table >> 2) + code[m.values + k]])
    },
    lstmCell(z, stride, c, h, stateStride, units, rows, mask) {
      const [f, u] = [floats(), words()]
      for (let row = 0; row < rows; row++) {
        if (mask && u[(mask >> 2) + row] === 0) continue
        const [gates, cells, states] = [z + row * stride, c + row * stateStride, h + row * stateStride]
        for (let i = 0; i < units; i++) {
          const [zi, zf, zg, zo] = [0, 1, 2, 3].map(g => f[(gates >> 2) + g * units + i])
          const cell = sigmoid(zf) * f[(cells >> 2) + i] + sigmoid(zi) * Math.tanh(zg)
          f[(cells >> 2) + i] = cell
          f[(states >> 2) + i] = sigmoid(zo) * Math.tanh(cell)
        }
      }
    },
    tanhAll(x, count) {
      const f = floats()
      for (let i = x >> 2; i < (x >> 2) + count; i++) f[i] = Math.tanh(f[i])
    },
    attend(query, keys, states, positions, n, vector, weights, context) {
      const f = floats()
      const scores = Array.from({ length: positions }, (_, s) => {
        let sum = 0
        for (let i = 0; i < n; i++) {
          const [q, key] = [f[(query >> 2) + i], f[(keys >> 2) + s * n + i]]
          sum += vector ? f[(vector >> 2) + i] * Math.tanh(q + key) : q * key
        }
        return sum
      })
      const largest = Math.max(...scores)
      const shares = scores.map(score => Math.exp(score - largest))
      const total = shares.reduce((a, b) => a + b, 0)
      f.fill(0, context >> 2, (context >> 2) + n)
      shares.forEach((share, s) => {
        f[(weights >> 2) + s] = share / total
        for (let i = 0; i < n; i++) f[(context >> 2) + i] += (share / total) * f[(states >> 2) + s * n + i]
      })
    },
    topTokens(logits, vocabulary, count, ids, scores) {
      const [f, u] = [floats(), words()]
      const [best, tokens] = [scores >> 2, ids >> 2]
      u.fill(0, tokens, tokens + count)
      f.fill(Number.NEGATIVE_INFINITY, best, best + count)
      for (let v = 0; v < vocabulary; v++) {
        const logit = f[(logits >> 2) + v]
        if (!(logit > f[best + count - 1])) continue
        let place = count - 1
        for (; place > 0 && f[best + place - 1] < logit; place--) {
          f[best + place] = f[best + place - 1]
          u[tokens + place] = u[tokens + place - 1]
        }
        f[best + place] = logit
        u[tokens + place] = v
      }
      let total = 0
      for (let v = 0; v < vocabulary; v++) total += Math.exp(f[(logits >> 2) + v] - f[best])
      const log = f[best] + Math.log(total)
      for (let i = 0; i < count; i++) f[best + i] = Math.min(0, f[best + i] - log)
    },
  }
}

/** Where a feature of a row is among [features / 8][rows][8]. */
const eights = (feature: number, row: number, rows: number) => ((feature >> 3) * rows + row) * 8 + (feature & 7)

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** To the nearest whole number, halves to the even one: as WebAssembly does. */
function roundEven(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down
}
