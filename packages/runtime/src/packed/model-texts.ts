/** The text section of a packed model: its configuration, its vocabularies and its tokenisers. */
import type { ParameterSpec } from '../architectures/architecture.ts'
import { type AnyNetworkConfig, checkNetwork, parameterSpecs } from '../architectures/registry.ts'
import { UserError } from '../errors.ts'
import { createTokenizer, parseTokenizerConfig, type Tokenizer } from '../text/tokenizer.ts'
import { Vocabulary } from '../text/vocabulary.ts'
import { PackedFileError } from './error.ts'
import { TEXT_SECTION, type TensorEntry } from './header.ts'

/** One language of a model. */
export interface Side {
  readonly tokenizer: Tokenizer
  readonly vocabulary: Vocabulary
}

/** The text files of a model's directory, which a packed file holds unchanged. */
export const MODEL_TEXT_FILES = ['config.json', 'tokenizer.json', 'source.vocabulary', 'target.vocabulary'] as const

type Texts = ReadonlyMap<string, string>

/** The network that `config.json` describes. @throws PackedFileError */
export function parseNetwork(texts: Texts): AnyNetworkConfig {
  const { model } = parseJson(texts, 'config.json')
  return named('config.json: model', () => checkNetwork(model))
}

/** The vocabularies and tokenisers of both languages. @throws PackedFileError */
export function parseSides(texts: Texts, network: AnyNetworkConfig): { readonly source: Side; readonly target: Side } {
  const tokenizers = parseJson(texts, 'tokenizer.json')
  const side = (name: 'source' | 'target', size: number): Side => {
    const file = `${name}.vocabulary` as const
    const vocabulary = named(file, () => Vocabulary.parse(textOf(texts, file)))
    if (vocabulary.size !== size)
      throw wrong(`${file} has ${vocabulary.size} tokens, but config.json says that the network has ${size}`)
    const config = named(`tokenizer.json, ${name}`, () => parseTokenizerConfig(tokenizers[name]))
    return { tokenizer: createTokenizer(config), vocabulary }
  }
  return { source: side('source', network.sourceVocabulary), target: side('target', network.targetVocabulary) }
}

/**
 * The parameters that a file holds, in its order.
 * @throws PackedFileError where they are not those of the network
 */
export function checkTensors(network: AnyNetworkConfig, tensors: readonly TensorEntry[]): ParameterSpec[] {
  const expected = new Map(parameterSpecs(network).map(spec => [spec.name, spec]))
  const found = tensors.map(({ name, shape }) => {
    const spec = expected.get(name)
    if (!spec) throw new PackedFileError('header', `tensor ${name} is not a parameter of the network`)
    if (spec.shape.join() !== shape.join())
      throw new PackedFileError('header', `tensor ${name} has the shape [${shape}]; the network needs [${spec.shape}]`)
    expected.delete(name)
    return spec
  })
  for (const name of expected.keys()) throw new PackedFileError('header', `tensor ${name} is missing`)
  return found
}

const wrong = (problem: string) => new PackedFileError(TEXT_SECTION, problem)

/** Runs a parser whose errors do not know the text they are about. */
function named<T>(name: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof UserError ? wrong(`${name}: ${error.message}`) : error
  }
}

function textOf(texts: Texts, name: (typeof MODEL_TEXT_FILES)[number]): string {
  const found = texts.get(name)
  if (found === undefined) throw wrong(`${name} is missing`)
  return found
}

function parseJson(texts: Texts, name: 'config.json' | 'tokenizer.json'): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(textOf(texts, name))
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  } catch (error) {
    if (error instanceof PackedFileError) throw error
    // JSON.parse's own message quotes the text; the one below names the file.
  }
  throw wrong(`${name} is not a JSON object`)
}
