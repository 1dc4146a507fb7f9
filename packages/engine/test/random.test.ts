import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dropoutMask, input, mul, namedStream, Random } from '../src/index.ts'
import { BACKENDS, compile } from './support.ts'

describe('counter-based random numbers', () => {
  it('fill an array with what they would give one by one', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(5), fc.nat(9), (seed, before, size) => {
        const [whole, single] = [new Random(seed, 1), new Random(seed, 1)]
        for (let i = 0; i < before; i++) expect(whole.bits()).toBe(single.bits())
        const filled = new Float64Array(size)
        whole.fillUniform(filled, -2, 3)
        expect([...filled]).toEqual(Array.from({ length: size }, () => -2 + 5 * single.uniform()))
        expect(whole.bits()).toBe(single.bits())
      }),
    )
  })
  it('are a function of seed, stream and step alone', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.nat(), (seed, stream, step) => {
        const draw = () =>
          Array.from(
            { length: 5 },
            (
              (r: Random) => () =>
                r.bits()
            )(new Random(seed, stream, step)),
          )
        expect(draw()).toEqual(draw())
      }),
    )
    expect(new Random(1, 2, 3).bits()).not.toBe(new Random(1, 2, 4).bits())
    expect(new Random(1, 2, 3).bits()).not.toBe(new Random(1, 3, 3).bits())
    expect(new Random(1, 2, 3).bits()).not.toBe(new Random(2, 2, 3).bits())
  })

  it('have streams by number or by name, which do not meet', () => {
    expect(new Random(1, 'shuffling').bits()).toBe(new Random(1, namedStream('shuffling')).bits())
    expect(new Random(1, 'shuffling').bits()).not.toBe(new Random(1, 'dropout').bits())
    // FNV-1a of 'a' is e40c292c, of 'foobar' bf9cf968.
    expect([namedStream('a'), namedStream('foobar')]).toEqual([0xe40c292c, 0xbf9cf968])
    fc.assert(
      fc.property(fc.string(), name => {
        expect(namedStream(name)).toBeGreaterThanOrEqual(2 ** 31)
        expect(namedStream(name)).toBeLessThan(2 ** 32)
      }),
    )
  })

  it('draw today what they drew before', () => {
    const random = new Random(1, 2, 3)
    expect([random.bits(), random.bits(), random.bits()]).toEqual([2450071669, 164348770, 2248014830])
  })

  it('are uniform', () => {
    const random = new Random(5, 0)
    const bins = new Array(16).fill(0)
    for (let i = 0; i < 64_000; i++) bins[random.integer(16)]++
    // χ² with 15 degrees of freedom is beyond 37.7 once in a thousand times.
    expect(bins.reduce((sum, n) => sum + (n - 4000) ** 2 / 4000, 0)).toBeLessThan(37.7)
  })

  it('shuffle to a permutation', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
        expect(new Random(seed, 1).shuffle([...items]).sort()).toEqual([...items].sort())
      }),
    )
  })

  it.each(BACKENDS)('make dropout masks of the right rate and mean in %s', async backend => {
    const x = input('x', 'float32', ['n'])
    const program = await compile({ outputs: { y: mul(x, dropoutMask(['n'], 0.2, 1)) } }, backend)
    const run = async (step: number) => {
      const { y } = await program.run(
        { x: { data: new Float32Array(100_001).fill(1), shape: [100_001] } },
        { seed: 1, step },
      )
      return Array.from(y.data, Number)
    }
    const mask = await run(1)
    expect(mask.filter(v => v === 0).length / mask.length).toBeCloseTo(0.2, 2)
    expect(new Set(mask)).toEqual(new Set([0, 1.25]))
    expect(await run(1)).toEqual(mask)
    expect(await run(2)).not.toEqual(mask)
  })
  it('make the same masks on every backend, bit for bit', async () => {
    const x = input('x', 'float32', ['n'])
    const outputs = { a: mul(x, dropoutMask([3, 'n'], 0.3, 5)), b: dropoutMask(['n'], 0.5, 6) }
    const given = { x: { data: Float32Array.of(1, 2, 3), shape: [3] } }
    const [first, second] = await Promise.all(
      BACKENDS.map(async backend => (await compile({ outputs }, backend)).run(given, { seed: 11, step: 4 })),
    )
    expect(second).toEqual(first)
  })
})
