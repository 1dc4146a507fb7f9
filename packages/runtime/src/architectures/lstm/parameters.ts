/**
 * The parameters of the LSTM encoder-decoder: names, shapes and what each is for. The weight classes are those of See,
 * Luong & Manning (2016, section 3.2).
 */
import type { GateRows, ParameterSpec } from '../architecture.ts'
import type { LstmConfig } from './config.ts'

type Side = 'source' | 'target'
type Direction = 'forward' | 'backward'

/** The parameters that are there once. */
export const LSTM_PARAMETERS = {
  embedding: { source: 'source_embedding.weight', target: 'target_embedding.weight' },
  attentionScore: 'attention.score.weight',
  attentionVector: 'attention.score.vector',
  attentionCombination: 'attention.combine.weight',
  outputWeight: 'softmax.weight',
  outputBias: 'softmax.bias',
} as const

/** The names of a layer's parameters. @param layer from 0 */
export function lstmLayerNames(side: Side, layer: number, direction: Direction = 'forward') {
  const stack = side === 'source' ? 'encoder' : 'decoder'
  const suffix = `l${layer}${direction === 'backward' ? '_reverse' : ''}`
  return {
    input: `${stack}.weight_ih_${suffix}`,
    recurrent: `${stack}.weight_hh_${suffix}`,
    bias: `${stack}.bias_${suffix}`,
  }
}

/** PyTorch's order. */
const GATES = ['input', 'forget', 'cell', 'output'] as const

/** Every parameter, in the order in which files hold them. */
export function lstmParameters(config: LstmConfig): ParameterSpec[] {
  const { hidden, embedding, layers, bidirectional } = config
  const specs = [embeddingSpec('source', config), embeddingSpec('target', config)]
  const encoderUnits = bidirectional ? hidden / 2 : hidden
  for (let layer = 0; layer < layers; layer++) {
    const inputs = layer === 0 ? embedding : hidden
    specs.push(...layerSpecs('source', layer, 'forward', inputs, encoderUnits))
    if (bidirectional) specs.push(...layerSpecs('source', layer, 'backward', inputs, encoderUnits))
  }
  for (let layer = 0; layer < layers; layer++) {
    const inputs = layer > 0 ? hidden : embedding + (config.inputFeeding ? hidden : 0)
    specs.push(...layerSpecs('target', layer, 'forward', inputs, hidden))
  }
  return [...specs, ...attentionSpecs(config), ...outputSpecs(config)]
}

function embeddingSpec(side: Side, config: LstmConfig): ParameterSpec {
  const words = side === 'source' ? config.sourceVocabulary : config.targetVocabulary
  return {
    name: LSTM_PARAMETERS.embedding[side],
    shape: [words, config.embedding],
    role: 'embedding',
    weightClass: `${side}-embedding`,
    side,
  }
}

function layerSpecs(side: Side, layer: number, direction: Direction, inputs: number, units: number): ParameterSpec[] {
  const names = lstmLayerNames(side, layer, direction)
  const gates = GATES.map((name, i): GateRows => ({ name, begin: i * units, end: (i + 1) * units }))
  const common = { side, layer, direction } as const
  const matrix = { ...common, role: 'matrix', weightClass: `${side}-layer-${layer + 1}`, gates } as const
  return [
    { ...matrix, name: names.input, shape: [4 * units, inputs], half: 'input' },
    { ...matrix, name: names.recurrent, shape: [4 * units, units], half: 'recurrent' },
    { ...common, name: names.bias, shape: [4 * units], role: 'bias' },
  ]
}

function attentionSpecs({ attention, hidden: n }: LstmConfig): ParameterSpec[] {
  const common = { weightClass: 'attention', role: 'matrix' } as const
  const score = { ...common, name: LSTM_PARAMETERS.attentionScore, part: 'score' } as const
  const specs: ParameterSpec[] = []
  if (attention === 'none') return specs
  if (attention === 'general') specs.push({ ...score, shape: [n, n] })
  if (attention === 'concat') {
    specs.push({ ...score, shape: [n, 2 * n] })
    specs.push({ ...score, name: LSTM_PARAMETERS.attentionVector, shape: [n, 1], role: 'vector' })
  }
  return [...specs, { ...common, name: LSTM_PARAMETERS.attentionCombination, shape: [n, 2 * n], part: 'combination' }]
}

function outputSpecs({ targetVocabulary, hidden }: LstmConfig): ParameterSpec[] {
  const common = { side: 'target', part: 'output' } as const
  return [
    {
      ...common,
      name: LSTM_PARAMETERS.outputWeight,
      shape: [targetVocabulary, hidden],
      role: 'matrix',
      weightClass: 'softmax',
    },
    { ...common, name: LSTM_PARAMETERS.outputBias, shape: [targetVocabulary], role: 'bias' },
  ]
}
