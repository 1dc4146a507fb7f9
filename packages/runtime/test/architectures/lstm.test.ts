import { describe, expect, it } from 'vitest'
import {
  type AnyNetworkConfig,
  architectureOf,
  checkNetwork,
  LSTM_BOUNDS,
  parameterSpecs,
} from '../../src/architectures/index.ts'

const small: AnyNetworkConfig = {
  layers: 1,
  hidden: 6,
  embedding: 4,
  attention: 'dot',
  inputFeeding: false,
  bidirectional: false,
  reverseSource: true,
  sourceVocabulary: 11,
  targetVocabulary: 9,
}
const shapesOf = (changes: Partial<AnyNetworkConfig>) =>
  parameterSpecs({ ...small, ...changes }).map(({ name, shape }) => `${name} ${shape.join('x')}`)

describe('the parameters of an LSTM', () => {
  it('have the names, shapes and order that files of the first version have', () => {
    expect(shapesOf({})).toEqual([
      'source_embedding.weight 11x4',
      'target_embedding.weight 9x4',
      'encoder.weight_ih_l0 24x4',
      'encoder.weight_hh_l0 24x6',
      'encoder.bias_l0 24',
      'decoder.weight_ih_l0 24x4',
      'decoder.weight_hh_l0 24x6',
      'decoder.bias_l0 24',
      'attention.combine.weight 6x12',
      'softmax.weight 9x6',
      'softmax.bias 9',
    ])
    expect(shapesOf({ layers: 2, attention: 'concat', inputFeeding: true, bidirectional: true })).toEqual([
      'source_embedding.weight 11x4',
      'target_embedding.weight 9x4',
      'encoder.weight_ih_l0 12x4',
      'encoder.weight_hh_l0 12x3',
      'encoder.bias_l0 12',
      'encoder.weight_ih_l0_reverse 12x4',
      'encoder.weight_hh_l0_reverse 12x3',
      'encoder.bias_l0_reverse 12',
      'encoder.weight_ih_l1 12x6',
      'encoder.weight_hh_l1 12x3',
      'encoder.bias_l1 12',
      'encoder.weight_ih_l1_reverse 12x6',
      'encoder.weight_hh_l1_reverse 12x3',
      'encoder.bias_l1_reverse 12',
      'decoder.weight_ih_l0 24x10',
      'decoder.weight_hh_l0 24x6',
      'decoder.bias_l0 24',
      'decoder.weight_ih_l1 24x6',
      'decoder.weight_hh_l1 24x6',
      'decoder.bias_l1 24',
      'attention.score.weight 6x12',
      'attention.score.vector 6x1',
      'attention.combine.weight 6x12',
      'softmax.weight 9x6',
      'softmax.bias 9',
    ])
    expect(shapesOf({ attention: 'general' })).toContain('attention.score.weight 6x6')
    expect(shapesOf({ attention: 'none' }).filter(line => line.startsWith('attention'))).toEqual([])
  })

  it('are told apart by fields: role, class, side, layer, direction, half and gates', () => {
    const specs = parameterSpecs({ ...small, layers: 2, bidirectional: true, attention: 'concat' })
    const classes = new Set(specs.map(({ weightClass }) => weightClass))
    expect([...classes]).toEqual([
      'source-embedding',
      'target-embedding',
      'source-layer-1',
      undefined,
      'source-layer-2',
      'target-layer-1',
      'target-layer-2',
      'attention',
      'softmax',
    ])
    for (const { role, weightClass, gates, shape } of specs) {
      expect(role === 'bias').toBe(weightClass === undefined)
      if (!gates) continue
      expect(gates.map(gate => gate.name)).toEqual(['input', 'forget', 'cell', 'output'])
      const ends = gates.map(gate => gate.end)
      expect(gates.map(gate => gate.begin)).toEqual([0, ...ends.slice(0, 3)])
      expect(ends[3]).toBe(shape[0])
    }
    expect(specs.find(({ name }) => name === 'encoder.weight_hh_l1_reverse')).toMatchObject({
      ...{ role: 'matrix', side: 'source', layer: 1, direction: 'backward', half: 'recurrent' },
      weightClass: 'source-layer-2',
    })
  })
})

describe('the check of a network', () => {
  it('takes configurations without a type, as the first files have them, and with one', () => {
    expect(checkNetwork(small)).toEqual(small)
    expect(checkNetwork({ ...small, type: 'lstm' }).type).toBe('lstm')
    expect(architectureOf({}).hasAttention(small)).toBe(true)
    expect(architectureOf({}).hasAttention({ ...small, attention: 'none' })).toBe(false)
  })

  it.each([
    [{ type: 'transformer' }, 'type is "transformer"; it must be one of lstm'],
    [{ type: 'toString' }, 'type is "toString"; it must be one of lstm'],
    [{ layers: 0 }, 'layers is 0; it must be a whole number from 1 to 64'],
    [{ hidden: 1.5 }, 'hidden is 1.5; it must be a whole number from 1 to 32768'],
    [{ embedding: '4' }, 'embedding is "4"; it must be a whole number from 1 to 32768'],
    [{ targetVocabulary: undefined }, 'targetVocabulary is missing; it must be'],
    [{ inputFeeding: 1 }, 'inputFeeding is 1; it must be true or false'],
    [{ attention: 'dots' }, 'attention is "dots"; it must be one of dot, general, concat, none'],
    [{ attention: 'none', inputFeeding: true }, 'inputFeeding feeds the attentional state'],
    [{ hidden: 5, bidirectional: true }, 'hidden has to be even'],
  ])('refuses %j', (changes, message) => {
    expect(() => checkNetwork({ ...small, ...changes })).toThrow(
      expect.objectContaining({ code: 'network', message: expect.stringContaining(message) }),
    )
  })

  it.each([undefined, null, 'lstm', [small]])('refuses %j, which is no object', model => {
    expect(() => checkNetwork(model)).toThrow('model is not an object')
  })

  it('takes the greatest sizes, whose matrices have columns that 16 bits can index', () => {
    const most = Object.fromEntries(Object.entries(LSTM_BOUNDS).map(([name, [, greatest]]) => [name, greatest]))
    const config = checkNetwork({ ...small, ...most, layers: 1, inputFeeding: true })
    for (const { shape } of parameterSpecs(config)) expect(shape[1] ?? 0).toBeLessThanOrEqual(65_536)
  })
})
