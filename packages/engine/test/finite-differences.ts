import { expect } from 'vitest'
import {
  type ArrayValue,
  add,
  constant,
  gradients,
  input,
  mul,
  Random,
  type Shape,
  sigmoid,
  sum,
  type Tensor,
} from '../src/index.ts'
import { compile } from './support.ts'

/** An operand of a checked function: its traced shape, its real one where dimensions are named, and its range. */
export interface Operand {
  readonly shape: Shape
  readonly size?: readonly number[]
  readonly low?: number
  readonly high?: number
}

/**
 * Checks the gradients of `build` against central finite differences, in float64. The outputs are weighted, so
 * that an error in any number shows.
 */
export async function checkGradients(
  operands: readonly Operand[],
  build: (...inputs: Tensor[]) => Tensor | Tensor[],
  others: Readonly<Record<string, ArrayValue>> = {},
): Promise<void> {
  const inputs = operands.map(({ shape }, i) => input(`x${i}`, 'float64', shape))
  const built = [build(...inputs)].flat()
  const loss = built.map((y, i) => sum(mul(y, weight(y, i)))).reduce((a, b) => add(a, b))
  const found = gradients(loss, inputs)
  const outputs: Record<string, Tensor> = { loss }
  found.forEach((g, i) => {
    if (g) outputs[`g${i}`] = g
  })
  const program = await compile({ outputs })
  const random = new Random(7, 1)
  const values: Record<string, ArrayValue> = { ...others }
  operands.forEach(({ shape, size, low = -1, high = 1 }, i) => {
    const dims = size ?? (shape as number[])
    const data = new Float64Array(dims.reduce((a, b) => a * b, 1))
    random.fillUniform(data, low, high)
    values[`x${i}`] = { data, shape: dims }
  })
  const needed = Object.fromEntries(Object.entries(values).filter(([name]) => program.inputNames.includes(name)))
  const results = await program.run(needed, { seed: 3 })
  const h = 1e-5
  for (let i = 0; i < operands.length; i++) {
    const { data, shape } = values[`x${i}`]
    const analytic = results[`g${i}`]
    if (analytic) expect(analytic.shape).toEqual(shape)
    for (let k = 0; k < data.length; k++) {
      const at = data[k] as number
      data[k] = at + h
      const up = (await program.run(needed, { seed: 3 })).loss.data[0] as number
      data[k] = at - h
      const down = (await program.run(needed, { seed: 3 })).loss.data[0] as number
      data[k] = at
      const numeric = (up - down) / (2 * h)
      const given = (analytic?.data[k] as number) ?? 0
      expect(Math.abs(given - numeric), `operand ${i}, number ${k}: ${given} against ${numeric}`).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(numeric)),
      )
    }
  }
  await program.release()
}

/** Weights that differ from number to number, so that no two errors cancel: a smooth function of the output itself. */
const weight = (y: Tensor, i: number) => sigmoid(add(mul(y, 0.7 + 0.1 * i), constant(0.3, 'float64')))
