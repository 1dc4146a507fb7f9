/**
 * Loops over the leading axis of arrays.
 *
 * A loop's body is an expression over placeholders: the carried state and one slice of each scanned array. Whatever it
 * uses that does not depend on a placeholder is invariant. {@link scan} splits ("fissions") the body in three before
 * it makes the loop (fission.ts):
 *
 *  - what depends on scanned slices only is computed before the loop, for all steps at once;
 *  - what the carried state needs stays in the loop;
 *  - products that only outputs need are computed after it, from the stacked operands, for all steps at once.
 *
 * So an LSTM's input product x·W becomes one large product before the loop. The gradient of a loop is a loop in the
 * other direction (gradient.ts), split in the same way, so the products of its body are moved too: a weight's gradient, a sum
 * over steps of xᵀ·dz, becomes one product of the stacked x and the stacked dz.
 */
import { ShapeError } from '../../errors.ts'
import { placeholder } from '../operators/source.ts'
import { sameShape, type Tensor } from '../tensor.ts'
import { LoopFission } from './fission.ts'

export interface ScanOptions {
  /** From the last step to the first; outputs keep the places of the slices they came from. */
  readonly reverse?: boolean
}

/**
 * Runs `step` along the leading axis of `scanned`.
 * @param initial carried states before the first step
 * @param scanned arrays [time, …] of one leading dimension
 * @param step gives the next states (of the shapes of `initial`) and this step's outputs
 * @returns the last states, and each output stacked along a leading axis [time, …]
 */
export function scan(
  initial: readonly Tensor[],
  scanned: readonly Tensor[],
  step: (carries: Tensor[], slices: Tensor[]) => { carries: readonly Tensor[]; outputs: readonly Tensor[] },
  options: ScanOptions = {},
): { carries: Tensor[]; outputs: Tensor[] } {
  if (scanned.length === 0) throw new ShapeError('scan: there is no array to scan')
  const length = scanned[0].shape[0]
  for (const x of scanned)
    if (x.rank === 0 || x.shape[0] !== length)
      throw new ShapeError(`scan: ${scanned[0]} and ${x} differ in their leading dimension`)
  const carries = initial.map(x => placeholder(x.dtype, x.shape))
  const slices = scanned.map(x => placeholder(x.dtype, x.shape.slice(1)))
  const body = step(carries, slices)
  body.carries.forEach((next, i) => {
    if (next.dtype !== initial[i]?.dtype || !sameShape(next.shape, initial[i].shape))
      throw new ShapeError(`scan: carried state ${i} starts as ${initial[i]} and goes on as ${next}`)
  })
  const loop = new LoopFission(initial, scanned, carries, slices, body.carries, length, options.reverse ?? false)
  const outputs = body.outputs.map(x => loop.stack(x))
  return loop.finish(outputs)
}
