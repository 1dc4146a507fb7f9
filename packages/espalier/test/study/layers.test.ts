import { parameterSpecs } from '@espalier/runtime/architectures'
import { describe, expect, it } from 'vitest'
import { parseConfiguration } from '../../src/configuration/configuration.ts'
import { type NetworkConfig, networkConfig, networkSchema } from '../../src/configuration/network.ts'
import { initialParameters, type Parameters, weightClasses } from '../../src/network/parameters.ts'
import type { AnalysisContext } from '../../src/study/analyses/context.ts'
import { analyseLayers } from '../../src/study/analyses/layers.ts'
import { recurrentLayerNames, recurrentLayers } from '../../src/study/analyses/recurrent-layers.ts'
import { parseStudy } from '../../src/study/configuration.ts'
import { planStudy } from '../../src/study/plan.ts'

const options = networkSchema.parse({ layers: 3, hidden: 6, embedding: 4, bidirectional: true })
const model = networkConfig(options, { source: 11, target: 9 })
const parameters = initialParameters(model, 1)
const classes = weightClasses(parameterSpecs(model), parameters)

describe('recurrent layers', () => {
  it('are those of both stacks, in order, and their parts make them up', () => {
    const layers = recurrentLayers(model, classes)
    expect(layers.map(({ stack, depth }) => `${stack} ${depth}`)).toEqual([
      ...['encoder 1', 'encoder 2', 'encoder 3', 'decoder 1', 'decoder 2', 'decoder 3'],
    ])
    expect(layers.map(({ weightClass }) => weightClass.name)).toEqual(recurrentLayerNames(options))
    for (const { stack, weightClass, parts } of layers) {
      expect(parts.map(({ half, gate }) => `${half} ${gate}`).sort()).toEqual(
        ['input', 'recurrent'].flatMap(half => ['cell', 'forget', 'input', 'output'].map(gate => `${half} ${gate}`)),
      )
      const tensors = parts.flatMap(part => part.weightClass.tensors)
      // Both directions of the encoder are in each part.
      expect(tensors).toHaveLength(stack === 'encoder' ? 16 : 8)
      for (const { name, data } of weightClass.tensors) {
        const own = tensors.filter(({ whole }) => whole.name === name).sort((a, b) => a.offset - b.offset)
        expect(own.flatMap(part => [...part.data])).toEqual([...data])
      }
    }
  })
})

/** What a network of which each layer's loss is known would have: exp of Σ depth × squares of what is missing. */
function knownPerplexity(network: NetworkConfig, whole: Parameters): AnalysisContext['evaluator'] {
  const specs = parameterSpecs(network)
  const validPerplexity = async (pruned: Parameters) => {
    let loss = 0.5
    for (const { name, layer } of specs) {
      const [before, after] = [whole.get(name)?.data, pruned.get(name)?.data]
      if (before && after && layer !== undefined)
        loss += before.reduce((sum, w, i) => sum + (layer + 1) * (w - after[i]) ** 2, 0)
    }
    return Math.exp(loss)
  }
  // The analysis asks for nothing else of its evaluator.
  return { validPerplexity } as unknown as AnalysisContext['evaluator']
}

describe('layers pruned alone', () => {
  const study = parseStudy({ layers: { levels: [0.5, 0.9], parts: [0.5] } }, 'here')
  const context = (signal?: AbortSignal) => {
    const dense = { config: { model }, parameters } as unknown as AnalysisContext['dense']
    // A toy in memory, of which only what is given here is looked at.
    return {
      dense,
      classes,
      evaluator: knownPerplexity(model, parameters),
      signal,
    } as unknown as AnalysisContext
  }

  const losses = (of: AnalysisContext) => analyseLayers(1, study.layers, (_, make) => make(of))

  it('lose what is known, with the norm and the largest of what is taken', async () => {
    const { seed, perplexity, points } = await losses(context())
    expect(seed).toBe(1)
    expect(perplexity).toBeCloseTo(Math.exp(0.5))
    expect(points).toHaveLength(2 * 2 * 6 + 8 * 6)
    for (const { depth, norm, perplexity: found } of points)
      expect(Math.log(found)).toBeCloseTo(0.5 + depth * norm ** 2, 4)
    for (const { pruned, level } of points.filter(({ by }) => by === 'fraction')) expect(pruned).toBeCloseTo(level, 1)
    // Parts are taken from half of one gate alone.
    for (const part of points.filter(({ gate }) => gate !== undefined)) {
      const layer = points.find(p => p.layer === part.layer && p.gate === undefined && p.level === 0.5)
      expect(part.norm).toBeLessThan(layer?.norm ?? 0)
    }
  })

  it('lose what lies below one magnitude, where that is asked', async () => {
    const { points } = await losses(context())
    const below = points.filter(({ by, level }) => by === 'threshold' && level === 0.5)
    const threshold = Math.max(...below.map(({ largestPruned }) => largestPruned))
    for (const { layer, pruned } of below) {
      const weights = classes.find(({ name }) => name === layer)?.tensors.flatMap(({ data }) => [...data]) ?? []
      expect(pruned).toBeCloseTo(weights.filter(w => Math.abs(w) <= threshold).length / weights.length)
    }
  })

  it('stop when they are interrupted', async () => {
    await expect(losses(context(AbortSignal.abort()))).rejects.toThrow('interrupted')
  })
})

it('layers are retrained after being pruned alone where that is asked, beside the unpruned model', () => {
  const configuration = parseConfiguration({ model: { layers: 2 }, training: { epochs: 9 } }, 'here')
  const none = { schemes: [], levels: [], retrained: [], scratch: [] }
  const study = parseStudy({ ...none, layers: { retrain: { levels: [0.8] } } }, 'here')
  const { experiments } = planStudy(configuration, study)
  expect(experiments.map(({ id }) => id)).toEqual([
    ...[
      'dense',
      'layers-trained-on',
      'source-layer-1-80',
      'source-layer-2-80',
      'target-layer-1-80',
      'target-layer-2-80',
    ],
  ])
  const [, control, first] = experiments.map(({ recipe }) => recipe)
  expect(control).toMatchObject({ kind: 'retrain', of: { kind: 'train' }, training: { epochs: 1 } })
  expect(first).toMatchObject({
    kind: 'retrain',
    of: { kind: 'prune', selection: { fraction: 0.8, only: ['source-layer-1'] } },
    training: { epochs: 1 },
  })
  expect(planStudy(configuration, parseStudy(none, 'here')).experiments).toHaveLength(1)
})
