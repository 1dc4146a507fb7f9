/**
 * The kernels in plain TypeScript: for engines without SIMD, and what tests hold the fast ones against. Same names,
 * same pointers; assembly/ documents them.
 */
import type { Kernels } from './kernels.ts'

export function scalarKernels(memory: WebAssembly.Memory): Kernels {
  const floats = () => new Float32Array(memory.buffer)
  const words = () => new Uint32Array(memory.buffer)

  /** y[r] = base + Σ w · x for all lanes, a weight being `value(k)`. */
  function multiply(
    [starts, indices, width, rows, x, lanes, bias, y, add]: readonly number[],
    value: (place: number) => number,
    scale: (row: number) => number,
  ): void {
    const [f, u, index] = [floats(), words(), new Uint16Array(memory.buffer)]
    const sums = new Float32Array(lanes)
    for (let r = 0; r < rows; r++) {
      sums.fill(0)
      for (let k = u[(starts >> 2) + r]; k < u[(starts >> 2) + r + 1]; k++)
        for (let i = 0; i < width; i++) {
          const w = value(k * width + i)
          const from = (x >> 2) + (index[(indices >> 1) + k] * width + i) * lanes
          for (let lane = 0; lane < lanes; lane++) sums[lane] += w * f[from + lane]
        }
      const to = (y >> 2) + r * lanes
      const base = bias ? f[(bias >> 2) + r] : 0
      for (let lane = 0; lane < lanes; lane++) f[to + lane] = (add ? f[to + lane] : base) + scale(r) * sums[lane]
    }
  }

  function embed(
    [starts, indices, width, row, lane, lanes]: readonly number[],
    value: (place: number) => number,
  ): void {
    const [f, u, index] = [floats(), words(), new Uint16Array(memory.buffer)]
    for (let k = u[(starts >> 2) + row]; k < u[(starts >> 2) + row + 1]; k++)
      for (let i = 0; i < width; i++)
        f[(lane >> 2) + (index[(indices >> 1) + k] * width + i) * lanes] = value(k * width + i)
  }

  return {
    multiplyFloat(starts, indices, values, width, rows, x, lanes, bias, y, add) {
      const f = floats()
      multiply(
        [starts, indices, width, rows, x, lanes, bias, y, add],
        k => f[(values >> 2) + k],
        () => 1,
      )
    },
    multiplyCoded(starts, indices, codes, width, rows, table, scales, x, lanes, bias, y, add) {
      const [f, code] = [floats(), new Uint8Array(memory.buffer)]
      const value = (k: number) => f[(table >> 2) + code[codes + k]]
      multiply([starts, indices, width, rows, x, lanes, bias, y, add], value, r => f[(scales >> 2) + r])
    },
    multiplyBlocks(starts, indices, codes, rows, scales, x, activationScales, count, bias, y, lanes, add) {
      const [f, u, index] = [floats(), words(), new Uint16Array(memory.buffer)]
      const [code, activation] = [new Int8Array(memory.buffer), new Int16Array(memory.buffer)]
      for (let lane = 0; lane < count; lane++)
        for (let r = 0; r < rows; r++) {
          let sum = 0
          for (let k = u[(starts >> 2) + r]; k < u[(starts >> 2) + r + 1]; k++)
            for (let i = 0; i < 8; i++) {
              const column = index[(indices >> 1) + k] * 8 + i
              sum += code[codes + k * 8 + i] * activation[(x >> 1) + eights(column, lane, count)]
            }
          const to = (y >> 2) + r * lanes + lane
          const base = add ? f[to] : bias ? f[(bias >> 2) + r] : 0
          f[to] = base + f[(scales >> 2) + r] * f[(activationScales >> 2) + lane] * sum
        }
    },
    quantize(x, lanes, features, count, limit, out, scales) {
      const [f, q] = [floats(), new Int16Array(memory.buffer)]
      for (let lane = 0; lane < count; lane++) {
        let largest = 1e-20
        for (let i = 0; i < features; i++) largest = Math.max(largest, Math.abs(f[(x >> 2) + i * lanes + lane]))
        f[(scales >> 2) + lane] = largest / limit
        for (let i = 0; i < features; i++)
          q[(out >> 1) + eights(i, lane, count)] = roundEven((f[(x >> 2) + i * lanes + lane] * limit) / largest)
      }
    },
    embedFloat(starts, indices, values, width, row, lane, lanes) {
      const f = floats()
      embed([starts, indices, width, row, lane, lanes], k => f[(values >> 2) + k])
    },
    embedCoded(starts, indices, codes, width, row, table, scales, lane, lanes) {
      const [f, code] = [floats(), new Uint8Array(memory.buffer)]
      const scale = f[(scales >> 2) + row]
      embed([starts, indices, width, row, lane, lanes], k => scale * f[(table >> 2) + code[codes + k]])
    },
    lstmCell(z, c, h, units, lanes, mask) {
      const [f, u] = [floats(), words()]
      const gate = units * lanes
      for (let i = 0; i < gate; i++) {
        if (mask && u[(mask >> 2) + (i % lanes)] === 0) continue
        const [zi, zf, zg, zo] = [0, 1, 2, 3].map(g => f[(z >> 2) + g * gate + i])
        const cell = sigmoid(zf) * f[(c >> 2) + i] + sigmoid(zi) * Math.tanh(zg)
        f[(c >> 2) + i] = cell
        f[(h >> 2) + i] = sigmoid(zo) * Math.tanh(cell)
      }
    },
    tanhAll(x, count) {
      const f = floats()
      for (let i = x >> 2; i < (x >> 2) + count; i++) f[i] = Math.tanh(f[i])
    },
    copyLane(from, fromLanes, to, toLanes, features) {
      const f = floats()
      for (let i = 0; i < features; i++) f[(to >> 2) + i * toLanes] = f[(from >> 2) + i * fromLanes]
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
    topTokens(logits, vocabulary, lanes, count, ids, scores) {
      const [f, u] = [floats(), words()]
      u.fill(0, ids >> 2, (ids >> 2) + lanes * count)
      f.fill(Number.NEGATIVE_INFINITY, scores >> 2, (scores >> 2) + lanes * count)
      for (let lane = 0; lane < lanes; lane++) {
        const [best, tokens] = [(scores >> 2) + lane * count, (ids >> 2) + lane * count]
        for (let v = 0; v < vocabulary; v++) {
          const logit = f[(logits >> 2) + v * lanes + lane]
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
        for (let v = 0; v < vocabulary; v++) total += Math.exp(f[(logits >> 2) + v * lanes + lane] - f[best])
        const log = f[best] + Math.log(total)
        for (let i = 0; i < count; i++) f[best + i] = Math.min(0, f[best + i] - log)
      }
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
