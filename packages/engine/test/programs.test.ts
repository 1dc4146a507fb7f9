import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { updatesInPlace } from '../src/backends/onnx/in-place.ts'
import {
  add,
  constant,
  gradients,
  InputError,
  input,
  linear,
  matmul,
  minimum,
  mul,
  type ProgramSource,
  sqrt,
  sub,
  sum,
  sumSquare,
  type Tensor,
  tanh,
  transpose,
} from '../src/index.ts'
import { BACKENDS, backendNamed, compile as compileFor } from './support.ts'

describe.each(BACKENDS)('%s', name => {
  const compile = (source: ProgramSource) => compileFor(source, name)

  describe('inputs', () => {
    const x = input('x', 'float32', ['n', 2])
    const y = input('y', 'float32', ['n'])
    const good = { data: new Float32Array(4), shape: [2, 2] }

    it('are refused where they do not fit', async () => {
      await using program = await compile({ outputs: { z: add(sum(x, [1]), y) } })
      await expect(program.run({ x: good })).rejects.toThrow('needs an input y')
      await expect(program.run({ x: good, y: { data: new Float32Array(3), shape: [3] } })).rejects.toThrow(
        /axis 0 is 3, n is 2/,
      )
      await expect(program.run({ x: good, y: { data: new Float64Array(2), shape: [2] } })).rejects.toThrow(
        'takes a Float32Array, not a Float64Array',
      )
      const one = { data: new Float32Array(2), shape: [2] }
      await expect(program.run({ x: good, y: one, z: good })).rejects.toThrow('has no input z')
      expect(() => program.bind('y', good)).toThrow(InputError)
    })

    it('may be called as values inside of a graph are', async () => {
      const [t0, c0] = [input('t0', 'float32', [2]), input('constant_0', 'float32', [2])]
      await using program = await compile({ outputs: { t1: mul(add(t0, 3), c0) } })
      const { t1 } = await program.run({
        t0: { data: Float32Array.of(1, 2), shape: [2] },
        constant_0: { data: Float32Array.of(2, 3), shape: [2] },
      })
      expect([...t1.data]).toEqual([8, 15])
    })

    it('are one expression where they are equal', () => {
      expect(add(x, constant(1))).toBe(add(x, 1))
    })
  })

  describe('updates', () => {
    const w = input('w', 'float32', [2, 2])
    const v = input('v', 'float32', [2, 2])
    /** A matrix of two rows where the backend computes. */
    const place = async (...data: number[]) =>
      (await backendNamed(name)).place({ data: Float32Array.from(data), shape: [2, 2] })

    it('are written into the array that is bound', async () => {
      await using program = await compile({ outputs: { total: sum(w) }, updates: { w: mul(w, sum(w)) } })
      const array = await place(1, 2, 0, 0)
      program.bind('w', array)
      expect((await program.run()).total.data[0]).toBe(3)
      expect([...(await array.read())]).toEqual([3, 6, 0, 0])
      expect((await program.run()).total.data[0]).toBe(9)
    })

    it('are seen by every program that has the array bound', async () => {
      const backend = await backendNamed(name)
      await using double = await backend.compile({ outputs: {}, updates: { w: mul(w, 2) } })
      await using total = await backend.compile({ outputs: { total: sum(w) } })
      const array = backend.place({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] })
      double.bind('w', array)
      total.bind('w', array)
      await double.run()
      expect((await total.run()).total.data[0]).toBe(20)
      expect([...(await array.read())]).toEqual([2, 4, 6, 8])
    })

    it('reach an array that the program does not read', async () => {
      await using program = await compile({ outputs: {}, updates: { v: mul(w, 2) } })
      const array = await place(0, 0, 0, 0)
      program.bind('w', { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] })
      await expect(program.run()).rejects.toThrow('v is updated, but no array is bound to it')
      program.bind('v', array)
      await program.run()
      expect([...(await array.read())]).toEqual([2, 4, 6, 8])
    })

    /** Expressions over the two inputs, of their shape. */
    const expression = fc.letrec<{ x: Tensor }>(tie => ({
      x: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom(w, v),
        fc.tuple(tie('x'), tie('x')).map(([a, b]) => add(a, mul(b, 0.5))),
        fc.tuple(tie('x'), tie('x')).map(([a, b]) => mul(a, b)),
        fc.tuple(tie('x'), tie('x'), fc.boolean()).map(([a, b, t]) => matmul(a, b, { b: t })),
        tie('x').map(x => transpose(x, [1, 0])),
        tie('x').map(x => tanh(x)),
        tie('x').map(x => mul(x, sum(x, [1], true))),
      ),
    })).x

    it('and outputs see the values from before the run, whatever reads what', () =>
      fc.assert(
        fc.asyncProperty(expression, expression, expression, async (output, nextW, nextV) => {
          const values = async () => ({ w: await place(0.1, -0.2, 0.3, 0.7), v: await place(-0.4, 0.5, 0.6, 0.2) })
          await using plain = await compile({ outputs: { output, w: nextW, v: nextV } })
          await using updating = await compile({ outputs: { output }, updates: { w: nextW, v: nextV } })
          const [expected, bound] = [await values(), await values()]
          for (const [key, value] of Object.entries(expected)) plain.bind(key, value)
          for (const [key, value] of Object.entries(bound)) updating.bind(key, value)
          const results = await plain.run()
          const { output: found } = await updating.run()
          expect([...found.data]).toEqual([...results.output.data])
          expect([...(await bound.w.read())]).toEqual([...results.w.data])
          expect([...(await bound.v.read())]).toEqual([...results.v.data])
        }),
        { numRuns: 150, seed: 1 },
      ))
  })

  describe('release', () => {
    const x = input('x', 'float32', [2])
    const values = { x: { data: Float32Array.of(1, 2), shape: [2] } }

    it('waits for runs, may be called again, and ends the program', async () => {
      const program = await compile({ outputs: { y: mul(x, 2) } })
      const running = program.run(values)
      await Promise.all([program.release(), program.release()])
      expect([...(await running).y.data]).toEqual([2, 4])
      await program.release()
      await expect(program.run(values)).rejects.toThrow('the program was released')
    })
  })
})

describe('ONNX', () => {
  const w = input('w', 'float32', [2, 2])
  const v = input('v', 'float32', [2, 2])

  it('take no copy in a training step whose gradients are clipped by their global norm', () => {
    const bias = input('b', 'float32', [2])
    const x = input('x', 'float32', ['rows', 2])
    const parameters = { w, v, b: bias }
    const loss = sumSquare(tanh(linear(tanh(matmul(x, w)), v, bias)))
    const found = gradients(loss, Object.values(parameters)).filter(g => g !== undefined)
    const norm = sqrt(found.map(sumSquare).reduce((a, b) => add(a, b)))
    const step = (factor: Tensor | number) =>
      Object.fromEntries(Object.entries(parameters).map(([name, p], i) => [name, sub(p, mul(found[i], factor))]))
    const clipped = step(minimum(mul(norm, 0.1), 1))
    expect([...updatesInPlace([loss, norm], clipped)]).toEqual(['w', 'v', 'b'])
    // Without the norm, the update of v does not wait for the gradient of w, which reads v.
    expect([...updatesInPlace([loss, norm], step(0.1))]).not.toContain('v')
  })
})
