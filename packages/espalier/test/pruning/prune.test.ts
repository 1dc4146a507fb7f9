import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskFromTensors, maskToTensors } from '../../src/checkpoint/mask-file.ts'
import {
  type ImportanceScores,
  Mask,
  prune,
  SCHEMES,
  type Scheme,
  standardDeviation,
  type WeightClass,
} from '../../src/pruning/index.ts'

const weightClass = (name: string, ...tensors: (number[] | Float32Array)[]): WeightClass => ({
  name,
  tensors: tensors.map((data, i) => ({ name: `${name}.${i}`, shape: [data.length], data: Float32Array.from(data) })),
})
const kept = (mask: Mask, name: string) => Array.from(mask.kept.get(name)!)
const schemes = Object.keys(SCHEMES) as Scheme[]
/** Scores as if training had gathered them: of either sign for movement. */
const importanceFor = (scheme: Scheme, all: readonly WeightClass[]): ImportanceScores | undefined => {
  if (scheme !== 'taylor' && scheme !== 'movement') return undefined
  const score = (w: number) => (scheme === 'taylor' ? Math.abs(w) : w - 0.1)
  const tensors = all.flatMap(c => c.tensors.map(t => [t.name, t.data.map(score)] as const))
  return { kind: scheme, tensors: new Map(tensors) }
}

/** Weights with zeros, ties, both signs, tiny and huge ones. */
const weights = fc.array(
  fc.oneof(fc.constantFrom(0, -0, 0.5, -0.5, 1), fc.float({ noNaN: true, noDefaultInfinity: true })),
  { minLength: 1, maxLength: 40 },
)
const classes = fc
  .array(fc.array(weights, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 })
  .map(lists => lists.map((tensors, i) => weightClass(`class-${i}`, ...tensors)))
/** Evenly spread, and with the tiny numbers that most doubles are. */
const fraction = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 999 }).map(n => n / 1000) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 0.999, noNaN: true }) },
)

/** The slow, obvious way: sort everything in scope by score, keep the order of equal ones, drop the first. */
function oracle(all: readonly WeightClass[], scheme: Scheme, share: number): Map<string, number[]> {
  const result = new Map<string, number[]>()
  const scored = all.map(c => {
    const sigma = standardDeviation(c)
    const scale = scheme === 'class-distribution' && sigma !== 0 ? sigma : 1
    return c.tensors.flatMap(t => Array.from(t.data, (w, i) => ({ t, i, score: Math.fround(Math.abs(w) / scale) })))
  })
  for (const scope of scheme === 'class-uniform' ? scored : [scored.flat()]) {
    const gone = scope
      .map((entry, order) => ({ ...entry, order }))
      .sort((a, b) => a.score - b.score || a.order - b.order)
      .slice(0, Math.round(share * scope.length))
    for (const { t } of scope) if (!result.has(t.name)) result.set(t.name, new Array(t.data.length).fill(1))
    for (const { t, i } of gone) result.get(t.name)![i] = 0
  }
  return result
}

describe('toys worked out by hand', () => {
  const a = weightClass('a', [0.1, -0.2, 0.3, -0.4])
  const b = weightClass('b', [1, -2, 3, -4])
  it('class-blind takes the least of all', () => {
    const mask = prune([a, b], { scheme: 'class-blind', fraction: 0.5 })
    expect(kept(mask, 'a.0')).toEqual([0, 0, 0, 0])
    expect(kept(mask, 'b.0')).toEqual([1, 1, 1, 1])
  })
  it('class-uniform takes the same share of each', () => {
    const mask = prune([a, b], { scheme: 'class-uniform', fraction: 0.5 })
    expect(kept(mask, 'a.0')).toEqual([0, 0, 1, 1])
    expect(kept(mask, 'b.0')).toEqual([0, 0, 1, 1])
  })
  it('class-distribution measures by the standard deviation', () => {
    // b is a ten times larger, σ too: relative to σ both are alike, so both lose the same.
    const mask = prune([a, b], { scheme: 'class-distribution', fraction: 0.5 })
    expect(kept(mask, 'a.0')).toEqual([0, 0, 1, 1])
    expect(kept(mask, 'b.0')).toEqual([0, 0, 1, 1])
  })
  it('takes the earlier of equal weights, and not one too many', () => {
    const mask = prune([weightClass('a', [0.5, -0.5, 0.5, 0.5])], { scheme: 'class-blind', fraction: 0.5 })
    expect(kept(mask, 'a.0')).toEqual([0, 0, 1, 1])
  })
})

describe('properties', () => {
  it.each(['class-blind', 'class-uniform', 'class-distribution'] as const)('%s equals the sort', scheme => {
    fc.assert(
      fc.property(classes, fraction, (all, share) => {
        const mask = prune(all, { scheme, fraction: share })
        for (const [name, wanted] of oracle(all, scheme, share)) expect(kept(mask, name)).toEqual(wanted)
      }),
    )
  })

  it.each(schemes)('%s: exact counts, nested masks, compounding', scheme => {
    fc.assert(
      fc.property(classes, fraction, fraction, (all, one, other) => {
        const [low, high] = one < other ? [one, other] : [other, one]
        const common = { scheme, seed: 3, importance: importanceFor(scheme, all) }
        const first = prune(all, { ...common, fraction: low })
        const direct = prune(all, { ...common, fraction: high })
        const compound = prune(all, { ...common, fraction: high, current: first })
        if (scheme !== 'class-uniform') expect(first.pruned()).toBe(Math.round(low * first.total))
        expect(direct.includes(first)).toBe(true)
        expect(compound.includes(first)).toBe(true)
        expect(compound.pruned()).toBe(direct.pruned())
      }),
    )
  })

  it('spans pieces: large tensors with many ties', () => {
    const data = Float32Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 100) / 100)
    const mask = prune([weightClass('a', data)], { scheme: 'class-blind', fraction: 0.333 })
    expect(mask.pruned()).toBe(6660)
    expect(kept(mask, 'a.0')).toEqual(oracle([weightClass('a', data)], 'class-blind', 0.333).get('a.0'))
  })

  it('changes nothing in place', () => {
    const all = [weightClass('a', [3, 1, 2])]
    const mask = prune(all, { scheme: 'class-blind', fraction: 0.5 })
    expect(Array.from(all[0].tensors[0].data)).toEqual([3, 1, 2])
    const arrays = new Map<string, { shape: readonly number[]; data: Float32Array }>([
      ['a.0', all[0].tensors[0]],
      ['bias', { shape: [1], data: Float32Array.of(5) }],
    ])
    const applied = mask.apply(arrays)
    expect(Array.from(applied.get('a.0')!.data)).toEqual([3, 0, 0])
    expect(Array.from(applied.get('bias')!.data)).toEqual([5])
    expect(Array.from(all[0].tensors[0].data)).toEqual([3, 1, 2])
  })

  it('random pruning is a function of the seed', () => {
    const all = [weightClass('a', new Float32Array(1000))]
    const pick = (seed: number) => kept(prune(all, { scheme: 'random', fraction: 0.5, seed }), 'a.0').join('')
    expect(pick(1)).toBe(pick(1))
    expect(pick(1)).not.toBe(pick(2))
  })

  it('masks keep their bits when stored', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.constantFrom(0, 1), { minLength: 1 }), { minLength: 1 }), lists => {
        const mask = new Mask(new Map(lists.map((bits, i) => [`t${i}`, Uint8Array.from(bits)])))
        const arrays = new Map(lists.map((bits, i) => [`t${i}`, { shape: [bits.length], data: bits }]))
        expect(maskFromTensors(maskToTensors(mask), arrays).kept).toEqual(mask.kept)
      }),
    )
    expect(maskToTensors(new Mask(new Map([['t', Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 1)]]))).get('t')!.data).toEqual(
      Uint8Array.of(1, 1),
    )
  })
})

describe('refuses', () => {
  const all = [weightClass('a', [1, 2, 3, 4])]
  it.each([-0.1, 1, 1.5, Number.NaN])('a fraction of %s', share => {
    expect(() => prune(all, { scheme: 'class-blind', fraction: share })).toThrow(/--fraction/)
  })
  it('less than is gone already', () => {
    const current = prune(all, { scheme: 'class-blind', fraction: 0.5 })
    expect(() => prune(all, { scheme: 'class-blind', fraction: 0.25, current })).toThrow(
      /0.5000 of the weights are pruned already/,
    )
  })
  it('weights that are NaN, by name and place', () => {
    const bad = [weightClass('a', [1, 2]), weightClass('b', [1, Number.NaN])]
    expect(() => prune(bad, { scheme: 'class-blind', fraction: 0.5 })).toThrow('b.0[1] is NaN')
  })
})
