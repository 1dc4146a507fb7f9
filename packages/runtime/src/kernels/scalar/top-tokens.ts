/** The most probable tokens and their log probabilities: assembly/softmax.ts. */
import type { Kernels } from '../interface.ts'
import type { KernelMemory } from '../memory.ts'
import { f32View, u32View } from './views.ts'

/** Inserts a token among the best so far, after those of equal logit. */
function insert(best: Float32Array, tokens: Uint32Array, logit: number, token: number): void {
  let place = best.length - 1
  for (; place > 0 && best[place - 1] < logit; place--) {
    best[place] = best[place - 1]
    tokens[place] = tokens[place - 1]
  }
  best[place] = logit
  tokens[place] = token
}

export function tokenKernels(memory: KernelMemory): Pick<Kernels, 'topTokens'> {
  return {
    topTokens(logits, vocabulary, count, ids, scores) {
      const row = f32View(memory).subarray(logits >> 2, (logits >> 2) + vocabulary)
      const best = f32View(memory).subarray(scores >> 2, (scores >> 2) + count)
      const tokens = u32View(memory).subarray(ids >> 2, (ids >> 2) + count)
      tokens.fill(0)
      best.fill(Number.NEGATIVE_INFINITY)
      for (let token = 0; token < vocabulary; token++)
        if (row[token] > best[count - 1]) insert(best, tokens, row[token], token)
      let total = 0
      for (let token = 0; token < vocabulary; token++) total += Math.exp(row[token] - best[0])
      const log = best[0] + Math.log(total)
      for (let i = 0; i < count; i++) best[i] = Math.min(0, best[i] - log)
    },
  }
}
