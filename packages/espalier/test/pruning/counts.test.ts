/** How many weights are pruned: under every scheme, block and pattern, for tensors of any shape, pruned before or not. */
import { matrixShape, sizeOf } from '@espalier/runtime/packed'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ImportanceScores,
  Mask,
  type PruneOptions,
  prune,
  SCHEMES,
  type Scheme,
  type WeightClass,
} from '../../src/pruning/index.ts'

const schemes = Object.keys(SCHEMES) as Scheme[]
/** Scalars, vectors, empty tensors, rows, columns, lengths that nothing divides, and more than two axes. */
const shape = fc.oneof(
  fc.constantFrom([], [0], [1], [7], [13], [0, 5], [4, 0], [1, 11], [11, 1], [2, 3, 4], [3, 1, 5], [8, 8], [5, 16]),
  fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 19 })),
)
const weight = fc.oneof(
  { weight: 3, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 2, arbitrary: fc.float({ min: -1, max: 1, noNaN: true }) },
  // Zeros of both signs, the smallest denormals, the largest numbers, and numbers that tie.
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, -0, 2 ** -149, -(2 ** -149), 2 ** -127, 3.4028234663852886e38, -3.4e38, 0.5, -0.5),
  },
)
const tensor = shape.chain(axes =>
  fc.record({
    shape: fc.constant(axes),
    data: fc.array(weight, { minLength: sizeOf(axes), maxLength: sizeOf(axes) }).map(list => Float32Array.from(list)),
    unpruned: fc.option(
      fc
        .array(fc.constantFrom(0, 1, 1, 1), { minLength: sizeOf(axes), maxLength: sizeOf(axes) })
        .map(list => Uint8Array.from(list)),
      { nil: undefined },
    ),
    importance: fc
      .array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: sizeOf(axes), maxLength: sizeOf(axes) })
      .map(list => Float32Array.from(list)),
  }),
)
const model = fc.array(fc.array(tensor, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }).map(lists => {
  const kept = new Map<string, Uint8Array>()
  const scores = new Map<string, Float32Array>()
  const classes = lists.map((tensors, c): WeightClass => {
    const named = tensors.map(({ shape, data, unpruned, importance }, t) => {
      const name = `${c}.${t}`
      if (unpruned) kept.set(name, unpruned)
      scores.set(name, importance)
      return { name, shape, data }
    })
    return { name: `class-${c}`, tensors: named }
  })
  return { classes, current: kept.size > 0 ? new Mask(kept) : undefined, scores }
})
const importanceFor = (scheme: Scheme, scores: ReadonlyMap<string, Float32Array>): ImportanceScores | undefined =>
  scheme === 'taylor'
    ? { kind: scheme, tensors: new Map([...scores].map(([name, data]) => [name, data.map(Math.abs)])) }
    : scheme === 'movement'
      ? { kind: scheme, tensors: scores }
      : undefined

/** Evenly spread, and with the tiny numbers that most doubles are. */
const fraction = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 999 }).map(n => n / 1000) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 0.999, noNaN: true }) },
)

/** Classes within which weights compete. */
const scopes = (classes: readonly WeightClass[], scheme: Scheme) =>
  SCHEMES[scheme].scope === 'class' ? classes.map(c => [c]) : [classes]
const tensorsOf = (scope: readonly WeightClass[]) => scope.flatMap(({ tensors }) => tensors)
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
const prunedIn = (mask: Mask | undefined, scope: readonly WeightClass[]) =>
  sum(tensorsOf(scope).map(({ name }) => mask?.pruned(name) ?? 0))
const weightsOf = (scope: readonly WeightClass[]) => sum(tensorsOf(scope).map(({ data }) => data.length))

/** The places of a tensor's blocks: a block is a list of indices. */
function blocksOf(axes: readonly number[], height: number, width: number): number[][] {
  const [rows, columns] = matrixShape(axes)
  const blocks: number[][] = []
  for (let row = 0; row < rows; row += height)
    for (let column = 0; column < columns; column += width) {
      const block: number[] = []
      for (let r = row; r < Math.min(rows, row + height); r++)
        for (let c = column; c < Math.min(columns, column + width); c++) block.push(r * columns + c)
      blocks.push(block)
    }
  return blocks
}

/** The mask, or undefined where a class is pruned further than asked for already. */
function tryPrune(classes: readonly WeightClass[], options: PruneOptions): Mask | undefined {
  try {
    return prune(classes, options)
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError', code: 'fraction' })
    return undefined
  }
}

describe.each(schemes)('%s', scheme => {
  it('prunes exactly round(fraction × N) single weights, or refuses', () => {
    fc.assert(
      fc.property(model, fraction, ({ classes, current, scores }, share) => {
        const options = { scheme, fraction: share, current, importance: importanceFor(scheme, scores) }
        const mask = tryPrune(classes, options)
        const pruned = (scope: readonly WeightClass[]) => Math.round(share * weightsOf(scope))
        const enough = scopes(classes, scheme).every(scope => prunedIn(current, scope) <= pruned(scope))
        expect(mask !== undefined).toBe(enough)
        if (!mask) return
        for (const scope of scopes(classes, scheme)) expect(prunedIn(mask, scope)).toBe(pruned(scope))
        if (current) expect(mask.includes(current)).toBe(true)
      }),
    )
  })

  it('prunes whole blocks, as near to fraction × N as they allow', () => {
    const block = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 9 }))
    fc.assert(
      fc.property(model, fraction, block, ({ classes, current, scores }, share, [height, width]) => {
        const options = { scheme, current, importance: importanceFor(scheme, scores), block: `${height}x${width}` }
        const mask = tryPrune(classes, { ...options, fraction: share })
        if (!mask) return
        for (const { name, shape } of tensorsOf(classes))
          for (const block of blocksOf(shape, height, width)) {
            const [before, after] = [current?.kept.get(name), mask.kept.get(name)!]
            const unpruned = block.filter(i => before?.[i] !== 0)
            expect(new Set(unpruned.map(i => after[i])).size).toBeLessThanOrEqual(1)
            for (const i of block) if (before?.[i] === 0) expect(after[i]).toBe(0)
          }
        for (const scope of scopes(classes, scheme))
          expect(Math.abs(prunedIn(mask, scope) - share * weightsOf(scope))).toBeLessThanOrEqual(
            (height * width) / 2 + 1e-9,
          )
        // The same fraction again changes nothing.
        expect(prune(classes, { ...options, fraction: share, current: mask }).kept).toEqual(mask.kept)
      }),
    )
  })

  it('keeps N of each M, and of a shorter group as many or all', () => {
    fc.assert(
      fc.property(model, fc.constantFrom('1:2', '2:4', '1:4', '3:5'), ({ classes, current, scores }, pattern) => {
        const mask = prune(classes, { scheme, pattern, current, importance: importanceFor(scheme, scores) })
        const [keep, of] = pattern.split(':').map(Number)
        for (const { name, shape } of tensorsOf(classes))
          for (const group of blocksOf(shape, 1, of)) {
            const [before, after] = [current?.kept.get(name), mask.kept.get(name)!]
            const unpruned = group.filter(i => before?.[i] !== 0)
            expect(group.filter(i => after[i] === 1)).toHaveLength(Math.min(keep, unpruned.length))
          }
      }),
    )
  })

  it('refuses NaN and infinity by tensor and place, also where nothing is to be pruned', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      for (const options of [{ fraction: 0 }, { fraction: 0.5 }, { fraction: 0.5, block: '2x2' }, { pattern: '2:4' }]) {
        const data = new Float32Array(24).fill(1)
        data[17] = bad
        const scores = new Map([['w', new Float32Array(24).fill(1)]])
        const classes = [{ name: 'a', tensors: [{ name: 'w', shape: [2, 3, 4], data }] }]
        expect(() => prune(classes, { scheme, importance: importanceFor(scheme, scores), ...options })).toThrow(
          `w[1, 1, 1] is ${bad}`,
        )
      }
  })
})

describe('blocks that are cut off at an edge', () => {
  const classOf = (columns: number, data: number[]): WeightClass[] => [
    { name: 'a', tensors: [{ name: 'w', shape: [data.length / columns, columns], data: Float32Array.from(data) }] },
  ]
  it('compete by the weight, not by the block', () => {
    // The last block has one weight of 5: larger than the first block's, although less than its norm of 6.
    const classes = classOf(5, [3, 3, 3, 3, 5])
    const mask = prune(classes, { fraction: 0.8, block: '1x4' })
    expect([...mask.kept.get('w')!]).toEqual([0, 0, 0, 0, 1])
  })
  it('whole blocks keep the order of their norms, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 64, maxLength: 64 }),
        fc.integer({ min: 0, max: 15 }),
        (list, count) => {
          const data = Float32Array.from(list)
          const norms = Array.from({ length: 16 }, (_, block) => {
            const squares = new Float32Array(1)
            for (const w of data.subarray(4 * block, 4 * block + 4)) squares[0] += w ** 2
            // Sums so small that 32 bits lose their digits are made again in 64.
            if (squares[0] < 1e-30)
              return Math.fround(Math.sqrt([...data.subarray(4 * block, 4 * block + 4)].reduce((n, w) => n + w * w, 0)))
            return Math.fround(Math.sqrt(squares[0]))
          })
          const order = norms.map((_, i) => i).sort((a, b) => norms[a] - norms[b] || a - b)
          const mask = prune(classOf(8, list), { fraction: count / 16, block: '1x4' }).kept.get('w')!
          const pruned = norms.flatMap((_, i) => (mask[4 * i] === 0 ? [i] : []))
          expect(pruned).toEqual(order.slice(0, count).sort((a, b) => a - b))
        },
      ),
    )
  })
  it('denormal and huge weights are ordered, though their squares are beyond 32 bits', () => {
    const tiny = classOf(4, [2e-30, 2e-30, 1e-30, 1e-30])
    expect([...prune(tiny, { fraction: 0.5, block: '1x2' }).kept.get('w')!]).toEqual([1, 1, 0, 0])
    const huge = classOf(4, [2e30, 2e30, 1e30, 1e30])
    expect([...prune(huge, { fraction: 0.5, block: '1x2' }).kept.get('w')!]).toEqual([1, 1, 0, 0])
  })
})

describe('random pruning', () => {
  const classes = (rows: number, columns: number): WeightClass[] => [
    { name: 'a', tensors: [{ name: 'w', shape: [rows, columns], data: new Float32Array(rows * columns).fill(1) }] },
  ]
  it('draws a score from seed, tensor and position alone, whatever the shape', () => {
    const options = { scheme: 'random', pattern: '1:3' } as const
    const [wide, narrow] = [prune(classes(3, 3000), options), prune(classes(1500, 6), options)]
    expect(wide.kept.get('w')).toEqual(narrow.kept.get('w'))
  })
})

describe('options', () => {
  const classes: WeightClass[] = [
    { name: 'a', tensors: [{ name: 'w', shape: [4], data: Float32Array.of(1, 2, 3, 4) }] },
  ]
  it('are few: class-blind is the default', () => {
    expect([...prune(classes, { fraction: 0.5 }).kept.get('w')!]).toEqual([0, 0, 1, 1])
  })
  it.each([
    [{}, /--fraction is missing/],
    [{ fraction: 0.5, scheme: 'best' as Scheme }, /no scheme best; there are class-blind, class-uniform/],
    [{ pattern: '2:4', block: '1x2' }, /exclude each other/],
    [{ fraction: 0.5, budget: { b: 0.5 } }, /no weight class b; there are a/],
    [{ fraction: 0.5, budget: { a: 1.5 } }, /--fraction 1.5 is not in \[0, 1\)/],
    [{ fraction: 0.5, current: new Mask(new Map([['w', Uint8Array.of(1)]])) }, /the mask of w is of 1 weights/],
  ])('%j are refused', (options, message) => {
    expect(() => prune(classes, options)).toThrow(message)
  })
})
