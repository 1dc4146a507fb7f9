/** What a packed model's text section says: its network, its vocabularies and tokenisers. */
import { UserError } from '../errors.ts'
import { createTokenizer, parseTokenizerConfig, type Tokenizer } from '../text/tokenizer.ts'
import { Vocabulary } from '../text/vocabulary.ts'
import { PackedFileError, shown, TEXT_SECTION, type TensorEntry } from './format.ts'

/** The shape of a network, as its configuration has it. */
export interface NetworkShape {
  readonly layers: number
  readonly hidden: number
  readonly embedding: number
  readonly attention: 'dot' | 'general' | 'concat' | 'none'
  readonly inputFeeding: boolean
  readonly bidirectional: boolean
  readonly reverseSource: boolean
  readonly sourceVocabulary: number
  readonly targetVocabulary: number
}

/** One language of a model. */
export interface Side {
  readonly tokenizer: Tokenizer
  readonly vocabulary: Vocabulary
}

export interface ModelTexts {
  readonly network: NetworkShape
  readonly source: Side
  readonly target: Side
}

/** The text files of a model's directory, which a packed file holds as they are. */
export const TEXT_FILES = ['config.json', 'tokenizer.json', 'source.vocabulary', 'target.vocabulary'] as const

/** @throws PackedFileError */
export function parseTexts(texts: ReadonlyMap<string, string>): ModelTexts {
  const text = (name: (typeof TEXT_FILES)[number]) => {
    const found = texts.get(name)
    if (found === undefined) throw wrong(`there is no ${name}`)
    return found
  }
  const network = checkNetwork(json(text('config.json'), 'config.json').model)
  const tokenizers = json(text('tokenizer.json'), 'tokenizer.json')
  const side = (name: 'source' | 'target', size: number): Side => {
    const vocabulary = named(`${name}.vocabulary`, () => Vocabulary.parse(text(`${name}.vocabulary`)))
    if (vocabulary.size !== size) throw wrong(`${name}.vocabulary does not have the ${size} tokens of the network`)
    const config = named(`tokenizer.json, ${name}`, () => parseTokenizerConfig(tokenizers[name]))
    return { tokenizer: createTokenizer(config), vocabulary }
  }
  return {
    network,
    source: side('source', network.sourceVocabulary),
    target: side('target', network.targetVocabulary),
  }
}

const wrong = (what: string) => new PackedFileError(TEXT_SECTION, what)

/** Names the text whose content was refused. */
function named<T>(name: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof UserError ? wrong(`${name}: ${error.message}`) : error
  }
}

function json(text: string, name: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  } catch {
    // Told below.
  }
  throw wrong(`${name} is no JSON object`)
}

function checkNetwork(model: unknown): NetworkShape {
  if (typeof model !== 'object' || model === null) throw wrong('config.json has no model')
  const shape = model as Record<string, unknown>
  const sizes = { layers: 64, hidden: 65_536, embedding: 65_536, sourceVocabulary: 2 ** 24, targetVocabulary: 2 ** 24 }
  for (const [name, most] of Object.entries(sizes)) {
    const value = shape[name]
    if (!(Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most))
      throw wrong(`config.json: model.${name} is ${shown(value)}; wanted is a whole number from 1 to ${most}`)
  }
  for (const name of ['inputFeeding', 'bidirectional', 'reverseSource'])
    if (typeof shape[name] !== 'boolean') throw wrong(`config.json: model.${name} is neither true nor false`)
  if (!['dot', 'general', 'concat', 'none'].includes(shape.attention as string))
    throw wrong(`config.json: model.attention is ${shown(shape.attention)}; known are dot, general, concat and none`)
  if (shape.bidirectional && (shape.hidden as number) % 2 !== 0) throw wrong('config.json: model.hidden is odd')
  if (shape.inputFeeding && shape.attention === 'none') throw wrong('config.json: input feeding without attention')
  return shape as unknown as NetworkShape
}

/**
 * The tensors that a network has, by name, with their shapes.
 * @throws PackedFileError where a file has others
 */
export function checkTensors(network: NetworkShape, tensors: readonly TensorEntry[]): void {
  const expected = tensorShapes(network)
  for (const { name, shape } of tensors) {
    const wanted = expected.get(name)
    if (wanted?.join() !== shape.join())
      throw new PackedFileError('header', `tensor ${name} is [${shape}]; the network's is [${wanted ?? 'not there'}]`)
    expected.delete(name)
  }
  for (const name of expected.keys()) throw new PackedFileError('header', `tensor ${name} is missing`)
}

/** Names and shapes of all parameters: PyTorch's, gates in the order i, f, g, o. */
export function tensorShapes(network: NetworkShape): Map<string, readonly number[]> {
  const { hidden: n, embedding: e, layers, attention, bidirectional } = network
  const shapes = new Map<string, readonly number[]>([
    ['source_embedding.weight', [network.sourceVocabulary, e]],
    ['target_embedding.weight', [network.targetVocabulary, e]],
  ])
  const lstm = (prefix: string, suffix: string, input: number, units: number) => {
    shapes.set(`${prefix}.weight_ih_${suffix}`, [4 * units, input])
    shapes.set(`${prefix}.weight_hh_${suffix}`, [4 * units, units])
    shapes.set(`${prefix}.bias_${suffix}`, [4 * units])
  }
  for (let l = 0; l < layers; l++) {
    const units = bidirectional ? n / 2 : n
    lstm('encoder', `l${l}`, l === 0 ? e : n, units)
    if (bidirectional) lstm('encoder', `l${l}_reverse`, l === 0 ? e : n, units)
  }
  for (let l = 0; l < layers; l++) lstm('decoder', `l${l}`, l > 0 ? n : e + (network.inputFeeding ? n : 0), n)
  if (attention === 'general') shapes.set('attention.score.weight', [n, n])
  if (attention === 'concat') {
    shapes.set('attention.score.weight', [n, 2 * n])
    shapes.set('attention.score.vector', [n, 1])
  }
  if (attention !== 'none') shapes.set('attention.combine.weight', [n, 2 * n])
  shapes.set('softmax.weight', [network.targetVocabulary, n])
  shapes.set('softmax.bias', [network.targetVocabulary])
  return shapes
}
