/** The matrices of a model: of a packed file, read out of the file itself, or of one in memory. */
import type { ParameterSpec } from '@espalier/runtime/architectures'
import {
  checkTensors,
  matrixShape,
  PackedReader,
  parseNetwork,
  parseSides,
  readTexts,
  type Side,
  TEXT_SECTION,
  unpackTensor,
} from '@espalier/runtime/packed'
import type { MatrixFacts } from './model-calls.ts'
import type { Marks } from './picture.ts'

export type Matrix = MatrixFacts & Marks

/** The matrices of a packed file and its source language. @throws PackedFileError naming the section that is damaged */
export async function readModelFile(bytes: Blob): Promise<{ matrices: Matrix[]; source: Side }> {
  const file = await PackedReader.open(bytes)
  const matrices: Matrix[] = []
  try {
    const texts = await readTexts(await file.section(TEXT_SECTION))
    const network = parseNetwork(texts)
    const specs = checkTensors(network, file.header.tensors)
    for (const [i, entry] of file.header.tensors.entries()) {
      const { kept } = unpackTensor(await file.tensor(entry))
      const [rows, columns] = matrixShape(entry.shape)
      if (rows === 1) continue
      const marks = kept ?? new Uint8Array(rows * columns).fill(1)
      const { name, block = [1, 1] } = entry
      matrices.push({ name, title: titleOf(specs[i]), rows, columns, kept: entry.kept, marks, block })
    }
    await file.finish()
    return { matrices, source: parseSides(texts, network).source }
  } finally {
    await file.close()
  }
}

/** The matrices of a model that is in memory. @param kept one byte a weight by tensor; absent: all are kept */
export function matricesOf(specs: readonly ParameterSpec[], kept: ReadonlyMap<string, Uint8Array>): Matrix[] {
  return specs.flatMap(spec => {
    const [rows, columns] = matrixShape(spec.shape)
    if (rows === 1) return []
    const marks = kept.get(spec.name) ?? new Uint8Array(rows * columns).fill(1)
    const count = marks.reduce((n, mark) => n + mark, 0)
    return [{ name: spec.name, title: titleOf(spec), rows, columns, kept: count, marks, block: [1, 1] }]
  })
}

/** What a parameter is for, in words. */
export function titleOf({ name, role, side, layer, direction, half, part }: ParameterSpec): string {
  if (role === 'embedding') return `Embeddings of ${side} words`
  if (layer !== undefined) {
    const stack = side === 'source' ? 'Encoder' : 'Decoder'
    const backwards = direction === 'backward' ? ', backwards' : ''
    return `${stack}, layer ${layer + 1}${backwards}: from its ${half === 'input' ? 'input' : 'own state'}`
  }
  if (part === 'output') return 'Softmax over target words'
  if (part === 'combination') return 'Attention: combination with the context'
  if (part === 'score') return role === 'vector' ? 'Attention: vector of the score' : 'Attention: score'
  return name
}
