/** A packed model of a few random weights: text in, other text out. */
import { encodeValues, TEXT_SECTION, type TensorEntry, writePacked, writeTexts } from '../src/packed/index.ts'
import { SPECIAL_TOKENS } from '../src/text/vocabulary.ts'

const SIZE = 4
const SOURCE = [...SPECIAL_TOKENS, 'one', 'two', 'three', 'four']
const TARGET = [...SPECIAL_TOKENS, 'eins', 'zwei', 'drei', 'vier', 'fünf']

const SHAPES: Record<string, number[]> = {
  'source_embedding.weight': [SOURCE.length, SIZE],
  'target_embedding.weight': [TARGET.length, SIZE],
  'encoder.weight_ih_l0': [4 * SIZE, SIZE],
  'encoder.weight_hh_l0': [4 * SIZE, SIZE],
  'encoder.bias_l0': [4 * SIZE],
  'decoder.weight_ih_l0': [4 * SIZE, SIZE],
  'decoder.weight_hh_l0': [4 * SIZE, SIZE],
  'decoder.bias_l0': [4 * SIZE],
  'attention.combine.weight': [SIZE, 2 * SIZE],
  'softmax.weight': [TARGET.length, SIZE],
  'softmax.bias': [TARGET.length],
}

/** The bytes of its file. */
export async function tinyModel(): Promise<Uint8Array<ArrayBuffer>> {
  const model = {
    ...{ layers: 1, hidden: SIZE, embedding: SIZE, attention: 'dot' },
    ...{ inputFeeding: false, bidirectional: false, reverseSource: false },
    ...{ sourceVocabulary: SOURCE.length, targetVocabulary: TARGET.length },
  }
  const tokenizer = { kind: 'words', language: 'en', lowercase: false }
  const texts = new Map([
    ['config.json', JSON.stringify({ format: 1, model })],
    ['tokenizer.json', JSON.stringify({ source: tokenizer, target: tokenizer })],
    ['source.vocabulary', `${SOURCE.join('\n')}\n`],
    ['target.vocabulary', `${TARGET.join('\n')}\n`],
  ])
  const sections = [{ name: TEXT_SECTION, bytes: await writeTexts(texts) }]
  const tensors: TensorEntry[] = []
  let state = 7
  for (const [name, shape] of Object.entries(SHAPES)) {
    const kept = shape.reduce((a, b) => a * b, 1)
    const values = Float32Array.from({ length: kept }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
      return state / 2 ** 31
    })
    tensors.push({ name, shape, encoding: 'f32', kept })
    sections.push({ name: `${name}/values`, bytes: encodeValues(new Uint8Array(values.buffer), 4) })
  }
  const quality = [{ name: 'BLEU', value: 12.5 }]
  return new Uint8Array(Buffer.concat(writePacked({ generator: 'test', tensors, quality }, sections)))
}
