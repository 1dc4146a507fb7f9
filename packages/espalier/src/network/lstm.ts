/** Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000). */
import { add, linear, matmul, mul, scan, sigmoid, split, sub, type Tensor, tanh } from '@espalier/engine'

/** One layer's parameters for u units: input [4u, in], recurrent [4u, u], bias [4u]; gates in the order i, f, g, o. */
export interface LstmWeights {
  readonly input: Tensor
  readonly recurrent: Tensor
  readonly bias: Tensor
}
export interface LstmState {
  /** [batch, u] */
  readonly h: Tensor
  readonly c: Tensor
}

/**
 * One step.
 * @param x [batch, in]
 * @param mask [batch, 1]: where it is 0 the next state is 0
 * @returns the next state, [batch, u] each
 */
export function lstmStep(x: Tensor, { h, c }: LstmState, weights: LstmWeights, mask?: Tensor): LstmState {
  const units = weights.recurrent.shape[1] as number
  const projected = linear(x, weights.input, weights.bias)
  const z = add(matmul(h, weights.recurrent, { b: true }), projected)
  const [zi, zf, zg, zo] = split(z, 1, [units, units, units, units])
  const cell = add(mul(sigmoid(zf), c), mul(sigmoid(zi), tanh(zg)))
  const next = mask ? mul(cell, mask) : cell
  return { h: mul(sigmoid(zo), tanh(next)), c: next }
}

export interface LstmOptions {
  /** From the last step to the first. */
  readonly reverse?: boolean
  /** [time, batch, 1], 1 where there is a word and 0 where there is padding, which comes first: states stay 0 there. */
  readonly mask?: Tensor
}

/**
 * A layer over a whole sequence.
 * @param x [time, batch, in]
 * @returns all states h [time, batch, u], and the last one
 */
export function lstmLayer(
  x: Tensor,
  initial: LstmState,
  weights: LstmWeights,
  { reverse = false, mask }: LstmOptions = {},
): { states: Tensor; last: LstmState } {
  const { carries, outputs } = scan(
    [initial.h, initial.c],
    mask ? [x, mask] : [x],
    ([h, c], [xt, maskAt]) => {
      const next = lstmStep(xt, { h, c }, weights, maskAt)
      // Backwards, padding comes last: the state after the words has to be carried over it. Forwards it is 0 there anyway.
      const kept = maskAt && reverse ? { h: blend(h, next.h, maskAt), c: blend(c, next.c, maskAt) } : next
      return { carries: [kept.h, kept.c], outputs: [next.h] }
    },
    { reverse },
  )
  return { states: outputs[0], last: { h: carries[0], c: carries[1] } }
}

/** `next` where `mask` is 1, `before` where it is 0. */
function blend(before: Tensor, next: Tensor, mask: Tensor): Tensor {
  return add(before, mul(mask, sub(next, before)))
}
