/** Where the surviving weights lie: embedding rows by word frequency, LSTM matrices by gate and half, pictures. */
import type { NetworkConfig } from '../../configuration/network.ts'
import { parameterSpecs } from '../../network/parameters.ts'
import { matrixShape } from '../../pruning/blocks.ts'
import type { Mask } from '../../pruning/mask.ts'
import type { StudyResults } from '../results.ts'

const GATES = ['input', 'forget', 'cell', 'output']
/** Rows and columns of a picture at most. */
const CELLS = 32
/** Bands of frequency: each is this many times as wide as the one before. */
const GROWTH = 1.5

type Redundancy = NonNullable<StudyResults['redundancy']>
interface Matrix {
  readonly name: string
  readonly rows: number
  readonly columns: number
  readonly kept: Uint8Array
}

/** Share kept of a rectangle of a matrix. */
function density(
  { columns, kept }: Matrix,
  rows: readonly [number, number],
  within: readonly [number, number],
): number {
  let n = 0
  for (let row = rows[0]; row < rows[1]; row++)
    for (let column = within[0]; column < within[1]; column++) n += kept[row * columns + column]
  return n / ((rows[1] - rows[0]) * (within[1] - within[0]))
}

/** Describes a mask. Vocabularies are in descending frequency, so an embedding's rows are too. */
export function describeSurvivingWeights(model: NetworkConfig, mask: Mask, fraction: number): Redundancy {
  const matrices = parameterSpecs(model).flatMap(({ name, shape }): Matrix[] => {
    const kept = mask.kept.get(name)
    const [rows, columns] = matrixShape({ shape })
    return kept ? [{ name, rows, columns, kept }] : []
  })
  const layers = matrices.filter(({ name }) => /\.weight_[ih]h_l\d/u.test(name))
  return {
    fraction,
    embeddings: matrices.filter(({ name }) => name.includes('embedding')).flatMap(frequencyBands),
    gates: layers.flatMap(gateShares),
    pictures: layers.map(picture),
  }
}

function frequencyBands(matrix: Matrix): Redundancy['embeddings'] {
  const bands: Redundancy['embeddings'] = []
  let width = 4
  // The special tokens come before the first word.
  for (let from = 4; from < matrix.rows; ) {
    const to = Math.min(matrix.rows, Math.round(from + width))
    bands.push({
      name: matrix.name,
      from: from - 3,
      to: to - 4,
      kept: density(matrix, [from, to], [0, matrix.columns]),
    })
    width *= GROWTH
    from = to
  }
  return bands
}

function gateShares(matrix: Matrix): Redundancy['gates'] {
  const [, layer, suffix] = /^(.*?)\.weight_(?:ih|hh)_(.*)$/u.exec(matrix.name)!
  const units = matrix.rows / 4
  return GATES.map((gate, i) => ({
    tensor: matrix.name,
    layer: `${layer} ${suffix}`,
    gate,
    half: matrix.name.includes('weight_ih') ? 'input' : 'recurrent',
    kept: density(matrix, [i * units, (i + 1) * units], [0, matrix.columns]),
  }))
}

function picture(matrix: Matrix): Redundancy['pictures'][number] {
  const edges = (size: number) => {
    const count = Math.min(CELLS, size)
    return Array.from(
      { length: count },
      (_, i) => [Math.round((i * size) / count), Math.round(((i + 1) * size) / count)] as const,
    )
  }
  const across = edges(matrix.columns)
  const cells = edges(matrix.rows).map(rows => across.map(columns => Number(density(matrix, rows, columns).toFixed(3))))
  return { tensor: matrix.name, rows: matrix.rows, columns: matrix.columns, cells }
}
