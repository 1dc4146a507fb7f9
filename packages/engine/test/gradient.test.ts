import { describe, expect, it } from 'vitest'
import { lowering } from '../src/backends/onnx/lowerings.ts'
import { lowering as wasmLowering } from '../src/backends/wasm/lowerings/index.ts'
import { gradientRule } from '../src/graph/gradient-rules.ts'
import { scanOperator } from '../src/graph/loop/body.ts'
import * as elementwise from '../src/graph/operators/elementwise.ts'
import * as indexing from '../src/graph/operators/indexing.ts'
import * as layout from '../src/graph/operators/layout.ts'
import * as product from '../src/graph/operators/product.ts'
import * as reduction from '../src/graph/operators/reduction.ts'
import * as source from '../src/graph/operators/source.ts'
import type { Operator } from '../src/graph/tensor.ts'
import {
  add,
  cast,
  exp,
  fill,
  gradients,
  greater,
  input,
  mul,
  ShapeError,
  sign,
  split,
  sum,
  type Tensor,
  tanh,
  vjp,
} from '../src/index.ts'
import { compile } from './support.ts'

const x = input('x', 'float64', [3])
const y = input('y', 'float64', [3])
const VALUES = { x: [1, -2, 3], y: [0.5, 4, -1] }

/** The numbers of a tensor, for the values of x and y above. */
async function evaluate(z: Tensor | undefined): Promise<number[] | undefined> {
  if (!z) return undefined
  await using program = await compile({ outputs: { z } })
  const values = Object.entries(VALUES)
    .filter(([name]) => program.inputNames.includes(name))
    .map(([name, numbers]) => [name, { data: Float64Array.from(numbers), shape: [3] }])
  return Array.from((await program.run(Object.fromEntries(values))).z.data, Number)
}

describe('gradients', () => {
  it('are those worked out by hand', async () => {
    const [dx, dy] = gradients(sum(mul(mul(x, x), y)), [x, y])
    expect(await evaluate(dx)).toEqual([2 * 1 * 0.5, 2 * -2 * 4, 2 * 3 * -1])
    expect(await evaluate(dy)).toEqual([1, 4, 9])
  })

  it('add up over all uses of an expression', async () => {
    const shared = mul(x, y)
    const [dx] = gradients(add(sum(shared), sum(mul(shared, 3))), [x])
    expect(await evaluate(dx)).toEqual([2, 16, -4])
  })

  it('are undefined where the loss does not depend on an input, or through numbers that are no floats', () => {
    expect(gradients(sum(x), [y])).toEqual([undefined])
    expect(gradients(sum(cast(greater(x, y), 'float64')), [x, y])).toEqual([undefined, undefined])
    expect(gradients(sum(sign(x)), [x])).toEqual([undefined])
  })

  it('take the inputs as independent, even where one is computed from another', async () => {
    const double = mul(x, 2)
    const [dDouble, dx] = gradients(sum(mul(double, x)), [double, x])
    expect(await evaluate(dDouble)).toEqual([1, -2, 3])
    expect(await evaluate(dx)).toEqual([2, -4, 6])
  })

  it('of the loss itself are 1', async () => {
    const loss = sum(x)
    expect(await evaluate(gradients(loss, [loss])[0])).toEqual([1])
  })

  it('can be differentiated again', async () => {
    const [first] = gradients(sum(exp(mul(x, 2))), [x])
    const [second] = gradients(sum(first ?? x), [x])
    const found = await evaluate(second)
    VALUES.x.forEach((value, i) => {
      expect(found?.[i]).toBeCloseTo(4 * Math.exp(2 * value), 9)
    })
  })

  it('are refused of a loss that is no scalar', () => {
    expect(() => gradients(x, [x])).toThrow(ShapeError)
  })
})

describe('vector-Jacobian products', () => {
  it('weigh each output by its cotangent, where undefined is zero', async () => {
    const outputs = [mul(x, x), tanh(x), mul(x, 3)]
    const [dx] = vjp(outputs, [y, undefined, fill(1, [3], 'float64')], [x])
    expect(await evaluate(dx)).toEqual([2 * 1 * 0.5 + 3, 2 * -2 * 4 + 3, 2 * 3 * -1 + 3])
  })

  it('fill up the parts of a split that nothing uses', async () => {
    const [, middle] = split(x, 0, [1, 1, 1])
    const [dx] = vjp([mul(middle, middle)], [fill(1, [1], 'float64')], [x])
    expect(await evaluate(dx)).toEqual([0, -4, 0])
  })

  it('do not visit what lies beyond the inputs', () => {
    const between = exp(x)
    const [g] = vjp([mul(between, 2)], [y], [between])
    expect(g).toBe(mul(y, 2))
  })
})

describe('the tables of operators', () => {
  const operators = [elementwise, indexing, layout, product, reduction, source]
    .flatMap(module => Object.entries(module))
    .filter(([name]) => name.endsWith('Operator'))
    .map(([, operator]) => operator as Operator)
    .concat(scanOperator as Operator)

  it('have a gradient for every operator but those that carry none', () => {
    const without = operators.filter(operator => !gradientRule(operator)).map(({ name }) => name)
    const sources = ['constant', 'fill', 'input', 'placeholder']
    expect(without.sort()).toEqual([...sources, 'equal', 'greater', 'less', 'max', 'sign', 'topK'].sort())
  })

  it.each([
    ['an ONNX lowering', lowering],
    ['a WebAssembly lowering', wasmLowering],
  ])('have %s for every operator but those that are named or nested', (_name, lookUp) => {
    const known = operators.filter(operator => {
      try {
        return lookUp(operator)
      } catch {
        return false
      }
    })
    const without = operators.filter(operator => !known.includes(operator)).map(({ name }) => name)
    expect(without.sort()).toEqual(['input', 'placeholder', 'scan'])
  })

  it('are of operators whose names differ: equal names would make different expressions one', () => {
    expect(new Set(operators.map(({ name }) => name)).size).toBe(operators.length)
  })
})
