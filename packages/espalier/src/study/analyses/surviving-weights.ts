/** Where the surviving weights of the LSTM matrices lie: by gate and half, and as pictures. */
import { type ParameterSpec, parameterSpecs } from '@espalier/runtime/architectures'
import { matrixShape } from '@espalier/runtime/packed'
import type { NetworkConfig } from '../../configuration/network.ts'
import type { Mask } from '../../pruning/mask.ts'
import type { StudyResults } from '../results.ts'

/** Rows and columns of a picture at most. */
const CELLS = 32

type Redundancy = Omit<StudyResults['redundancy'][number], 'seed'>
interface MaskedMatrix {
  readonly spec: ParameterSpec
  readonly rows: number
  readonly columns: number
  readonly kept: Uint8Array
}

/** Share kept of a rectangle of a matrix. */
function density(
  { columns, kept }: MaskedMatrix,
  rows: readonly [number, number],
  within: readonly [number, number],
): number {
  let n = 0
  for (let row = rows[0]; row < rows[1]; row++)
    for (let column = within[0]; column < within[1]; column++) n += kept[row * columns + column]
  return n / ((rows[1] - rows[0]) * (within[1] - within[0]))
}

/** Describes a mask. */
export function describeSurvivingWeights(model: NetworkConfig, mask: Mask, fraction: number): Redundancy {
  const matrices = parameterSpecs(model).flatMap((spec): MaskedMatrix[] => {
    const kept = mask.kept.get(spec.name)
    const [rows, columns] = matrixShape(spec.shape)
    return kept ? [{ spec, rows, columns, kept }] : []
  })
  const layers = matrices.filter(({ spec }) => spec.gates)
  return {
    fraction,
    gates: layers.flatMap(gateShares),
    pictures: layers.map(picture),
  }
}

function gateShares(matrix: MaskedMatrix): Redundancy['gates'] {
  const { name, side, layer, direction, half = 'input', gates = [] } = matrix.spec
  const stack = side === 'source' ? 'encoder' : 'decoder'
  return gates.map(gate => ({
    tensor: name,
    layer: `${stack} l${layer}${direction === 'backward' ? '_reverse' : ''}`,
    gate: gate.name,
    half,
    kept: density(matrix, [gate.begin, gate.end], [0, matrix.columns]),
  }))
}

function picture(matrix: MaskedMatrix): Redundancy['pictures'][number] {
  const edges = (size: number) => {
    const count = Math.min(CELLS, size)
    return Array.from(
      { length: count },
      (_, i) => [Math.round((i * size) / count), Math.round(((i + 1) * size) / count)] as const,
    )
  }
  const across = edges(matrix.columns)
  const cells = edges(matrix.rows).map(rows => across.map(columns => Number(density(matrix, rows, columns).toFixed(3))))
  return { tensor: matrix.spec.name, rows: matrix.rows, columns: matrix.columns, cells }
}
