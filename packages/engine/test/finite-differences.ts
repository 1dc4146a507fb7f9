import { expect } from 'vitest'
import {
  type ArrayValue,
  add,
  cast,
  constant,
  type DType,
  gradients,
  input,
  mul,
  Random,
  type Shape,
  sigmoid,
  sum,
  type Tensor,
} from '../src/index.ts'
import { BACKENDS, type BackendName, compile } from './support.ts'

/** An operand of a checked function: its traced shape, its real one where dimensions are named, and its range. */
export interface Operand {
  readonly shape: Shape
  readonly size?: readonly number[]
  readonly low?: number
  readonly high?: number
}
type Build = (...inputs: Tensor[]) => Tensor | Tensor[]
type Values = Record<string, ArrayValue>

/**
 * Checks the gradients of `build` on every backend: in float64 against central finite differences, and in float32 one
 * backend's against the other's. The outputs are weighted, so that an error in any number shows.
 */
export async function checkGradients(
  operands: readonly Operand[],
  build: Build,
  others: Readonly<Record<string, ArrayValue>> = {},
): Promise<void> {
  for (const backend of BACKENDS) await checkDifferences(backend, operands, build, others)
  await checkBackends(operands, build, others)
}

/** A program that computes the loss and the gradients of its operands. */
function traced(operands: readonly Operand[], build: Build, dtype: DType): Record<string, Tensor> {
  const inputs = operands.map(({ shape }, i) => input(`x${i}`, dtype, shape))
  const built = [build(...inputs)].flat().map(y => cast(y, dtype))
  const loss = built.map((y, i) => sum(mul(y, weight(y, i)))).reduce((a, b) => add(a, b))
  const outputs: Record<string, Tensor> = { loss }
  gradients(loss, inputs).forEach((g, i) => {
    if (g) outputs[`g${i}`] = g
  })
  built.forEach((y, i) => {
    outputs[`y${i}`] = y
  })
  return outputs
}

/** Values of the operands, the same at each call. */
function valuesOf(operands: readonly Operand[], arrays: typeof Float32Array | typeof Float64Array): Values {
  const random = new Random(7, 1)
  return Object.fromEntries(
    operands.map(({ shape, size, low = -1, high = 1 }, i) => {
      const dims = size ?? (shape as number[])
      const data = new arrays(dims.reduce((a, b) => a * b, 1))
      random.fillUniform(data, low, high)
      return [`x${i}`, { data, shape: dims }]
    }),
  )
}

const needed = (values: Values, names: readonly string[]) =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)))

async function checkDifferences(
  backend: BackendName,
  operands: readonly Operand[],
  build: Build,
  others: Readonly<Record<string, ArrayValue>>,
): Promise<void> {
  await using program = await compile({ outputs: traced(operands, build, 'float64') }, backend)
  const values: Values = { ...others, ...valuesOf(operands, Float64Array) }
  const given = needed(values, program.inputNames)
  const loss = async () => (await program.run(given, { seed: 3 })).loss.data[0] as number
  const results = await program.run(given, { seed: 3 })
  const h = 1e-5
  for (let i = 0; i < operands.length; i++) {
    const { data, shape } = values[`x${i}`]
    const analytic = results[`g${i}`]
    if (analytic) expect(analytic.shape).toEqual(shape)
    for (let k = 0; k < data.length; k++) {
      const at = data[k] as number
      data[k] = at + h
      const up = await loss()
      data[k] = at - h
      const down = await loss()
      data[k] = at
      const numeric = (up - down) / (2 * h)
      const found = (analytic?.data[k] as number) ?? 0
      const message = `${backend}: operand ${i}, number ${k}: ${found} against ${numeric}`
      expect(Math.abs(found - numeric), message).toBeLessThan(1e-6 * Math.max(1, Math.abs(numeric)))
    }
  }
}

async function checkBackends(
  operands: readonly Operand[],
  build: Build,
  others: Readonly<Record<string, ArrayValue>>,
): Promise<void> {
  const outputs = traced(operands, build, 'float32')
  const values: Values = { ...others, ...valuesOf(operands, Float32Array) }
  const [expected, found] = await Promise.all(
    BACKENDS.map(async backend => {
      await using program = await compile({ outputs }, backend)
      return program.run(needed(values, program.inputNames), { seed: 3 })
    }),
  )
  for (const name of Object.keys(outputs)) expectClose(found[name], expected[name], name)
}

/** Expects numbers within 1e-5 of each other, or within 1e-5 of their size where they are larger than 1. */
export function expectClose(found: ArrayValue, expected: ArrayValue, name: string): void {
  expect(found.shape, name).toEqual(expected.shape)
  expect(found.data.constructor, name).toBe(expected.data.constructor)
  const far = (value: unknown, i: number) => {
    const other = Number(expected.data[i])
    return !(Math.abs(Number(value) - other) <= 1e-5 * Math.max(1, Math.abs(other)))
  }
  const place = Array.from<unknown>(found.data).findIndex(far)
  expect(place, `${name}, number ${place}: ${found.data[place]} against ${expected.data[place]}`).toBe(-1)
}

/** Weights that differ from number to number, so that no two errors cancel: a smooth function of the output itself. */
const weight = (y: Tensor, i: number) => sigmoid(add(mul(y, 0.7 + 0.1 * i), constant(0.3, y.dtype)))
