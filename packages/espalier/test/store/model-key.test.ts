import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { digestOf, modelKey, withoutDefaults } from '../../src/store/model-key.ts'
import { dependencies, epochsOf, fractionOf, type Recipe, slug, type TrainRecipe } from '../../src/store/recipe.ts'
import { scheduleRecipes, scheduleSchema } from '../../src/study/schedule.ts'

const configuration = (draft: object = {}) => parseConfiguration(draft, 'here')
const dense: TrainRecipe = { kind: 'train', configuration: configuration({ training: { epochs: 6 } }) }
const [retrained] = scheduleRecipes(dense, scheduleSchema.parse({ steps: [0.8] }))
const [gradual] = scheduleRecipes(dense, scheduleSchema.parse({ steps: [0.9], method: 'gradual' }))
const key = (recipe: Recipe) => modelKey(recipe, 'digest of the text')

describe('withoutDefaults', () => {
  const schema = z.object({
    rate: z.number().default(1),
    levels: z.array(z.number()).default([1, 2]),
    name: z.string(),
  })

  test('keeps what differs, and what has no default', () => {
    expect(withoutDefaults(schema, { rate: 1, levels: [1, 2], name: 'a' })).toEqual({ name: 'a' })
    expect(withoutDefaults(schema, { rate: 2, levels: [2, 1], name: 'a' })).toEqual({
      rate: 2,
      levels: [2, 1],
      name: 'a',
    })
  })

  test('an option that comes later changes nothing as long as it has its default', () => {
    const later = schema.extend({ smoothing: z.number().default(0) })
    expect(withoutDefaults(later, { rate: 2, levels: [1, 2], name: 'a', smoothing: 0 })).toEqual(
      withoutDefaults(schema, { rate: 2, levels: [1, 2], name: 'a' }),
    )
  })
})

describe('a key', () => {
  test('does not depend on whether a default is written down, nor on the order of options', () => {
    const { training, ...rest } = dense.configuration
    const reversed = Object.fromEntries(Object.entries(training).reverse()) as typeof training
    expect(key({ ...dense, configuration: { training: reversed, ...rest } })).toBe(key(dense))
    const pruned = (selection: object): Recipe => ({
      kind: 'prune',
      of: dense,
      selection: { scheme: 'class-blind', fraction: 0.5, ...selection },
    })
    expect(key(pruned({ block: '1x1', seed: 1, only: undefined }))).toBe(key(pruned({})))
  })

  test('does not depend on how often checkpoints are written', () => {
    const often = { ...dense.configuration, training: { ...dense.configuration.training, checkpointEvery: 7 } }
    expect(key({ ...dense, configuration: often })).toBe(key(dense))
  })

  test('does not depend on the choice of a backend where that is free', () => {
    const { backend, ...others } = dense.configuration.training
    expect(backend).toBe('auto')
    const before = { ...dense.configuration, training: others as typeof dense.configuration.training }
    expect(key({ ...dense, configuration: before })).toBe(key(dense))
    const bound = configuration({ training: { epochs: 6, backend: 'wasm' } })
    expect(key({ ...dense, configuration: bound })).not.toBe(key(dense))
  })

  test.each([
    ['the text', modelKey(dense, 'another text')],
    ['the seed', key({ ...dense, configuration: configuration({ training: { epochs: 6, seed: 2 } }) })],
    ['the network', key({ ...dense, configuration: configuration({ model: { hidden: 8 }, training: { epochs: 6 } }) })],
    ['a mask', key({ ...dense, maskOf: retrained })],
    ['what is retrained', key(retrained)],
    ['pruning while training', key(gradual)],
  ])('depends on %s', (_, other) => {
    expect(other).not.toBe(key(dense))
  })

  test('depends on random places of a mask, and on their seed', () => {
    const structure = { ...dense, maskOf: retrained }
    const keys = [structure, { ...structure, randomPlaces: 1 }, { ...structure, randomPlaces: 2 }].map(key)
    expect(new Set(keys).size).toBe(3)
    expect(key({ ...structure, randomPlaces: undefined })).toBe(keys[0])
  })

  test('a recipe in a recipe counts', () => {
    const other: Recipe = { ...dense, configuration: configuration({ training: { epochs: 5 } }) }
    expect(
      key({ ...dense, maskOf: { kind: 'prune', of: other, selection: { scheme: 'random', fraction: 0.5 } } }),
    ).not.toBe(key({ ...dense, maskOf: { kind: 'prune', of: dense, selection: { scheme: 'random', fraction: 0.5 } } }))
  })
})

test('digestOf orders keys, not lists', () => {
  expect(digestOf({ a: 1, b: { c: 2, d: 3 } })).toBe(digestOf({ b: { d: 3, c: 2 }, a: 1 }))
  expect(digestOf([1, 2])).not.toBe(digestOf([2, 1]))
})

test('recipes: names, fractions, epochs, dependencies', () => {
  expect([dense, retrained, gradual].map(slug)).toEqual(['dense', 'retrain-80', 'gradual-90'])
  expect([dense, retrained, gradual].map(fractionOf)).toEqual([undefined, 0.8, 0.9])
  expect([dense, retrained].map(epochsOf)).toEqual([6, 2])
  expect(dependencies(dense)).toEqual([])
  expect(dependencies(retrained).map(slug)).toEqual(['prune-80'])
  expect(dependencies({ ...dense, maskOf: retrained })).toEqual([retrained])
  const [rewound] = scheduleRecipes(dense, scheduleSchema.parse({ steps: [0.8], rewind: 'weights', rewindTo: 1 }))
  expect(dependencies(rewound).map(slug)).toEqual(['prune-80', 'dense'])
})
