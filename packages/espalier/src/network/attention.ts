/** Global attention (Luong, Pham & Manning 2015, section 3.1). */
import {
  add,
  concat,
  fill,
  matmul,
  mul,
  softmax,
  split,
  squeeze,
  sub,
  type Tensor,
  tanh,
  transpose,
  unsqueeze,
} from '@espalier/engine'

/** What the decoder looks at: the encoder's states, and what is computed from them once for all steps. */
export interface AttentionSource {
  /** Encoder states [batch, source, n]. */
  readonly states: Tensor
  /** What a decoder state is compared with [batch, source, n]: the states, or the states times a matrix. */
  readonly keys: Tensor
  /** 0 where there is a word, a large negative number where there is padding [batch, 1, source]. */
  readonly attentionMask: Tensor
}

/** Wc [n, 2n], the context's half first; and what the score needs: W [n, n], or W [n, 2n], the decoder's half first, and v [n, 1]. */
export type AttentionWeights = { readonly combine: Tensor } & (
  | { readonly kind: 'dot' }
  | { readonly kind: 'general'; readonly score: Tensor }
  | { readonly kind: 'concat'; readonly score: Tensor; readonly vector: Tensor }
)

const EXCLUDED = -1e9

/**
 * @param states encoder states [source, batch, n]
 * @param mask [source, batch, 1], 1 for a word and 0 for padding
 */
export function attentionSource(states: Tensor, mask: Tensor, weights: AttentionWeights): AttentionSource {
  const byBatch = transpose(states, [1, 0, 2])
  return { states: byBatch, keys: attentionKeys(byBatch, weights), attentionMask: attentionMask(mask) }
}

function attentionKeys(states: Tensor, weights: AttentionWeights): Tensor {
  switch (weights.kind) {
    case 'dot':
      return states
    case 'general':
      // h_tᵀ (W h_s): W is applied to the source side, once for each position.
      return matmul(states, weights.score, { b: true })
    case 'concat':
      return halfProduct(states, weights.score, 1)
    default:
      return weights satisfies never
  }
}

/** [source, batch, 1] of 1 and 0 → [batch, 1, source] of 0 and a large negative number. */
export function attentionMask(mask: Tensor): Tensor {
  return mul(transpose(sub(1, mask), [1, 2, 0]), EXCLUDED)
}

/** x·Wᵀ for one half of W's columns: 0 the first, 1 the second. */
function halfProduct(x: Tensor, matrix: Tensor, half: 0 | 1): Tensor {
  const width = (matrix.shape[1] as number) / 2
  // A sparse matrix cannot be cut: rows with zeros for its other half have the same product.
  if (matrix.sparse) {
    const zeros = fill(0, x.shape, x.dtype)
    return matmul(concat(half === 0 ? [x, zeros] : [zeros, x], -1), matrix, { b: true })
  }
  return matmul(x, split(matrix, 1, [width, width])[half], { b: true })
}

/**
 * Attends to the source from decoder states.
 * @param h [batch, target, n]
 * @returns the attentional states h~ = tanh(Wc [c; h]) [batch, target, n] and the weights [batch, target, source]
 */
export function attend(
  h: Tensor,
  attended: AttentionSource,
  weights: AttentionWeights,
): { attentional: Tensor; alignment: Tensor } {
  const alignment = softmax(add(scores(h, attended, weights), attended.attentionMask))
  const context = matmul(alignment, attended.states)
  const attentional = tanh(matmul(concat([context, h], 2), weights.combine, { b: true }))
  return { attentional, alignment }
}

/** [batch, target, source] */
function scores(h: Tensor, { keys }: AttentionSource, weights: AttentionWeights): Tensor {
  if (weights.kind !== 'concat') return matmul(h, keys, { b: true })
  // vᵀ tanh(W [h_t; h_s]) with W's two halves applied apart: [batch, target, 1, n] + [batch, 1, source, n].
  const ours = unsqueeze(halfProduct(h, weights.score, 0), 2)
  const sum = tanh(add(ours, unsqueeze(keys, 1)))
  return squeeze(matmul(sum, weights.vector), 3)
}
