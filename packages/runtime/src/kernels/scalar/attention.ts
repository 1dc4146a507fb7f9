/** Global attention: assembly/attention.ts. */
import type { Kernels } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { f32View } from './views.ts'

export function attentionKernels(memory: KernelMemory): Pick<Kernels, 'attend'> {
  return {
    attend(query, keys, states, positions, n, vector, weights, context) {
      const f = f32View(memory)
      const scores = Array.from({ length: positions }, (_, s) => {
        let sum = 0
        for (let i = 0; i < n; i++) {
          const [q, key] = [f[(query >> 2) + i], f[(keys >> 2) + s * n + i]]
          sum += vector ? f[(vector >> 2) + i] * Math.tanh(q + key) : q * key
        }
        return sum
      })
      const largest = Math.max(...scores)
      const exponentials = scores.map(score => Math.exp(score - largest))
      const total = exponentials.reduce((a, b) => a + b, 0)
      f.fill(0, context >> 2, (context >> 2) + n)
      exponentials.forEach((exponential, s) => {
        const weight = exponential / total
        f[(weights >> 2) + s] = weight
        for (let i = 0; i < n; i++) f[(context >> 2) + i] += weight * f[(states >> 2) + s * n + i]
      })
    },
  }
}
