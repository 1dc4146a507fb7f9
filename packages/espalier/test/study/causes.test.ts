/** Claims 3 and 4: the experiments that tell causes apart, and what answers make of them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModel } from '../../src/checkpoint/model-directory.ts'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { modelKey } from '../../src/store/model-key.ts'
import { type Recipe, slug } from '../../src/store/recipe.ts'
import { answerClaims } from '../../src/study/claims/index.ts'
import { comparedPairs } from '../../src/study/comparisons.ts'
import { parseStudy } from '../../src/study/configuration.ts'
import { planStudy } from '../../src/study/plan.ts'
import type { Comparison, Summary } from '../../src/study/results.ts'
import { runStudy } from '../../src/study/study.ts'
import { temporaryDirectory, toyConfiguration, toyData, toyPairs } from '../support.ts'
import { resultsWith } from './toy-results.ts'

const configuration = parseConfiguration({ model: { dropout: 0.2 }, training: { epochs: 12, decayFrom: 8 } }, 'here')
const NONE = { schemes: [], levels: [], retrained: [], scratch: [], sensitivity: { levels: [0.5], bleu: false } }
const plan = (draft: object) => planStudy(configuration, parseStudy({ ...NONE, ...draft }, 'here'))
const recipeOf = (draft: object, id: string): Recipe => {
  const found = plan(draft).experiments.find(experiment => experiment.id === id)
  if (!found) throw new Error(`no ${id}`)
  return found.recipe
}
const trainingOf = (recipe: Recipe) => {
  if (recipe.kind === 'prune') throw new Error('pruned, not trained')
  return recipe.kind === 'train' ? recipe.configuration.training : recipe.training
}

describe('controls', () => {
  const retrained = { controls: true, retrained: [0.8], retraining: { dropout: 0.1, learningRate: 0.3 } }

  it('train the unpruned model on as the longest retraining does, with its dropout and with the least', () => {
    const schedules = [{ name: 'iterated', steps: [0.4, 0.8], retraining: { dropout: 0.05, epochs: 6 } }]
    const { experiments, bases } = plan({ ...retrained, schedules })
    const controls = experiments.filter(({ group }) => group === 'control')
    expect(controls.map(({ id, seed }) => [id, seed])).toEqual([
      ['trained-on', 1],
      ['trained-on-less-dropout', 1],
    ])
    for (const { recipe } of controls) expect(recipe).toMatchObject({ kind: 'retrain', of: bases[0] })
    const [same, less] = controls.map(({ recipe }) => trainingOf(recipe))
    expect([same.epochs, same.learningRate, same.dropout]).toEqual([12, 0.3, undefined])
    expect([less.epochs, less.learningRate, less.dropout]).toEqual([12, 0.3, 0.05])
  })

  it('are only one where no retraining has less dropout, and none where nothing is retrained or nobody asks', () => {
    const ids = (draft: object) => plan(draft).experiments.flatMap(({ id, group }) => (group === 'control' ? [id] : []))
    expect(ids({ ...retrained, retraining: {} })).toEqual(['trained-on'])
    expect(ids({ controls: true })).toEqual([])
    expect(ids({ ...retrained, controls: false })).toEqual([])
  })

  it('leave no schedule their name', () => {
    expect(() => plan({ ...retrained, schedules: [{ name: 'trained-on', method: 'none' }] })).toThrow(
      'study.schedules has one of the name trained-on, which study.controls gives to a control',
    )
  })
})

describe('structures from scratch', () => {
  const all = { retrained: [0.8], scratch: [0.8], scratchKinds: ['random-structure', 'ticket', 'scratch'] }

  it('have new weights, the original ones, or random places', () => {
    const { experiments, bases } = plan(all)
    const scratch = experiments.filter(({ group }) => group === 'scratch')
    expect(scratch.map(({ id, name }) => [id, name])).toEqual([
      ['scratch-80', 'from scratch'],
      ['ticket-80', 'ticket'],
      ['random-structure-80', 'random structure'],
    ])
    const [fresh, ticket, random] = scratch.map(({ recipe }) => recipe)
    expect(trainingOf(ticket).seed).toBe(1)
    expect(trainingOf(fresh).seed).toBe(trainingOf(random).seed)
    expect(trainingOf(fresh).seed).toBeGreaterThan(1000)
    expect(random).toEqual({ ...fresh, randomPlaces: 1 })
    expect([fresh, random].map(slug)).toEqual(['scratch-80', 'random-structure-80'])
    expect(new Set(scratch.map(({ recipe }) => modelKey(recipe, 'text'))).size).toBe(3)
    // Studies made before there were kinds have this model under the name scratch.
    const maskOf: Recipe = { kind: 'prune', of: bases[0], selection: { scheme: 'class-blind', fraction: 0.8 } }
    expect(modelKey(ticket, 'text')).toBe(modelKey({ ...bases[0], maskOf }, 'text'))
  })

  it('are trained as long as the unpruned model, or as long as that and the retraining, the rate in step', () => {
    const [short] = [trainingOf(recipeOf(all, 'scratch-80'))]
    expect([short.epochs, short.decayFrom]).toEqual([12, 8])
    const long = { ...all, scratchEpochs: 'training-and-retraining' }
    for (const id of ['scratch-80', 'ticket-80', 'random-structure-80']) {
      const { epochs, decayFrom } = trainingOf(recipeOf(long, id))
      expect([epochs, decayFrom]).toEqual([16, expect.closeTo((8 * 16) / 12, 3)])
    }
    // The longest way to this fraction counts; where there is none, one-shot pruning as the study retrains.
    const schedules = [{ name: 'slow', method: 'gradual', steps: [0.8], retraining: { epochs: 9 } }]
    expect(trainingOf(recipeOf({ ...long, schedules }, 'scratch-80')).epochs).toBe(21)
    expect(trainingOf(recipeOf({ ...long, retrained: [], retraining: { epochs: 5 } }, 'ticket-80')).epochs).toBe(17)
  })

  it('are compared with what was retrained and with each other', () => {
    const pairs = comparedPairs(plan({ ...all, controls: true, retraining: { dropout: 0.1 } }).experiments)
    expect(pairs.map(({ better, than }) => `${better} ${than}`)).toEqual([
      ...['retrained-80 scratch-80', 'retrained-80 ticket-80', 'retrained-80 random-structure-80'],
      ...['ticket-80 scratch-80', 'scratch-80 random-structure-80', 'ticket-80 random-structure-80'],
      ...['retrained-80 trained-on', 'retrained-80 trained-on-less-dropout', 'trained-on-less-dropout trained-on'],
    ])
  })
})

describe('a study with all of them', () => {
  it('trains and measures each', async () => {
    const directory = await temporaryDirectory()
    const data = await toyData(directory, 120)
    const [pair] = toyPairs(20, 3)
    const tests = [{ name: 'test', sources: [pair.source], references: [pair.target] }]
    const draft = {
      ...{ ...NONE, controls: true, retrained: [0.8], retraining: { dropout: 0 }, scratch: [0.8], packed: 'none' },
      ...{ scratchKinds: ['scratch', 'ticket', 'random-structure'], scratchEpochs: 'training-and-retraining' },
    }
    const out = join(directory, 'study')
    const toy = toyConfiguration({ model: { dropout: 0.2 }, training: { epochs: 2 } })
    const results = await runStudy({
      data,
      out,
      configuration: toy,
      study: parseStudy(draft, 'here'),
      tests,
      threads: 1,
    })
    expect(results.failures).toEqual([])
    expect(results.models.map(({ id, epochs }) => [id, epochs.length])).toEqual([
      ...[['dense', 2] as const, ['retrained-80', 1], ['scratch-80', 3], ['ticket-80', 3], ['random-structure-80', 3]],
      ...[['trained-on', 1] as const, ['trained-on-less-dropout', 1]],
    ])
    const model = (id: string) => readModel(join(out, results.models.find(each => each.id === id)!.directory!))
    const [retrained, ticket, random] = await Promise.all(
      ['retrained-80', 'ticket-80', 'random-structure-80'].map(model),
    )
    expect(ticket.mask!.kept).toEqual(retrained.mask!.kept)
    for (const name of random.mask!.kept.keys()) expect(random.mask!.pruned(name)).toBe(ticket.mask!.pruned(name))
    expect(random.mask!.includes(ticket.mask!)).toBe(false)
    const recipe = JSON.parse(await readFile(join(out, results.models[4].directory!, 'recipe.json'), 'utf8'))
    expect(recipe.randomPlaces).toBe(1)
    // Weights that are pruned are zero, of the random structure too.
    for (const [name, bits] of random.mask!.kept)
      expect(random.parameters.get(name)!.data.some((w, i) => bits[i] === 0 && w !== 0)).toBe(false)
  })
})

describe('answers', () => {
  const spread = (mean: number) => ({ mean })
  const effect = (difference: number, pValue: number) => ({
    ...{ difference, low: difference - 0.5, high: difference + 0.5, pValue },
  })
  const summary = (id: string, group: Summary['group'], name: string, bleu: number, more: Partial<Summary> = {}) =>
    ({
      ...{ id, group, name, fraction: 0.8, seeds: [1], sparsity: 0.8, weights: 100, kept: 20, bytes: 80 },
      ...{
        bleu: { mean: bleu, low: bleu - 1, high: bleu + 1 },
        chrf: spread(50),
        ter: spread(50),
        perplexity: spread(5),
      },
      ...{ validPerplexity: spread(5), trainPerplexity: spread(4), wordsPerSecond: spread(1), tests: [] },
      ...more,
    }) satisfies Summary
  const against = (better: string, than: string, difference: number, pValue: number): Comparison => ({
    ...{ ...effect(difference, pValue), better, than, seeds: [1] },
  })
  const dense = summary('dense', 'baseline', 'dense', 30, { fraction: 0, sparsity: 0 })
  const answer = (number: number, summaries: Summary[], comparisons: Comparison[]) =>
    answerClaims(resultsWith({ summaries, comparisons }))[number - 1]

  it('to claim 4 name the cause whose effect is sure, and rest on new weights alone', () => {
    const summaries = [
      ...[
        dense,
        summary('retrained-80', 'retrained', 'class-blind', 30),
        summary('ticket-80', 'scratch', 'ticket', 27),
      ],
      summary('scratch-80', 'scratch', 'from scratch', 27),
      summary('random-structure-80', 'scratch', 'random structure', 24),
    ]
    const claim = (before: number, structure: number) =>
      answer(4, summaries, [
        ...[against('retrained-80', 'scratch-80', 3, 0.001), against('retrained-80', 'ticket-80', 3, before)],
        against('ticket-80', 'scratch-80', 0.1, 0.8),
        against('scratch-80', 'random-structure-80', 3, structure),
      ])
    expect(claim(0.001, 0.4)).toMatchObject({
      verdict: 'holds',
      evidence: expect.stringContaining('The numbers point to having been trained before it was pruned (Holm).'),
    })
    expect(claim(0.4, 0.001).evidence).toContain('The numbers point to the structure (Holm).')
    expect(claim(0.4, 0.4).evidence).toContain('The numbers point to none of them')
    const ticketsAlone = answer(4, summaries, [against('retrained-80', 'ticket-80', 3, 0.001)])
    expect(ticketsAlone.verdict).toBe('undecided')
  })

  it('to claim 3 tell more training, less dropout and pruning apart, and whether pruning regularises', () => {
    const claim = (less: number, pruning: number, train: number) => {
      const control = { fraction: 0, sparsity: 0, trainPerplexity: spread(3), validPerplexity: spread(5.1) }
      const summaries = [
        dense,
        summary('retrained-80', 'retrained', 'class-blind', 31, {
          ...{ fromDense: effect(1, 0.001), trainPerplexity: spread(train), validPerplexity: spread(4.8) },
        }),
        summary('trained-on', 'control', 'trained-on', 30.1, { ...control, fromDense: effect(0.1, 0.7) }),
        summary('trained-on-less-dropout', 'control', 'trained-on-less-dropout', 30.5, {
          ...{ ...control, fromDense: effect(0.5, 0.1) },
        }),
      ]
      return answer(3, summaries, [
        against('retrained-80', 'trained-on', 0.9, 0.001),
        against('retrained-80', 'trained-on-less-dropout', 0.5, pruning),
        against('trained-on-less-dropout', 'trained-on', 0.4, less),
      ])
    }
    expect(claim(0.3, 0.001, 4.5)).toMatchObject({
      verdict: 'holds',
      evidence: expect.stringMatching(/as with a regulariser\..* The numbers point to pruning \(Holm\)\./),
    })
    const other = claim(0.001, 0.3, 2)
    expect(other.verdict).toBe('undecided')
    expect(other.evidence).toMatch(/not what a regulariser does.* The numbers point to less dropout \(Holm\)\./)
    expect(other.evidence).toContain('retrained-80 2.00 / 4.80, dense 4.00 / 5.00, trained-on 3.00 / 5.10')
  })
})
