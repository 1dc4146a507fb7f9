/**
 * Panels, in which sparse products take and give activations: assembly/panels.ts. The leading axes of an array are its rows;
 * sixteen of them lie side by side.
 */
import { sizeOf } from '../arrays.ts'
import type { Scope, Value } from './scope.ts'

/** Rows that lie side by side in a panel. */
export const LANES = 16

/** How many rows an array has, and how long they are. */
export function rowsOf({ shape, size }: Value): { rows: number; columns: number } {
  const columns = shape[shape.length - 1]
  return { rows: columns === 0 ? sizeOf(shape.slice(0, -1)) : size / columns, columns }
}

export const panelsFor = (rows: number) => Math.ceil(rows / LANES)

/** How an array of this shape lies in panels. */
export function panelShape(shape: readonly number[]): [panels: number, columns: number, lanes: number] {
  return [panelsFor(sizeOf(shape.slice(0, -1))), shape[shape.length - 1], LANES]
}

/** A new value in panels. */
export function panelBuffer(scope: Scope, shape: readonly number[]): Value {
  const { slot } = scope.buffer('float32', panelShape(shape))
  return { slot, dtype: 'float32', shape, size: sizeOf(shape), inPanels: true }
}

/** The work of moving a panel, in the units of {@link Kernels.divide}. */
const workOf = (columns: number) => 4 * columns * LANES

/** Adds a step that lays out an array in panels; what lies beyond the last row is zero there. */
export function toPanels(scope: Scope, x: Value): Value {
  const { rows, columns } = rowsOf(x)
  const panels = panelBuffer(scope, x.shape)
  const [from, to] = [x.slot.index, panels.slot.index]
  scope.add(
    p =>
      scope.kernels.divide(
        ...(['toPanels', panelsFor(rows), workOf(columns)] as const),
        ...([p[from], 4 * columns, rows, columns, p[to]] as const),
      ),
    [x],
    [panels],
  )
  return panels
}

/** Adds a step that lays out an array in panels as rows. */
export function toRows(scope: Scope, x: Value): Value {
  const { rows, columns } = rowsOf(x)
  const output = scope.buffer('float32', x.shape)
  const [from, to] = [x.slot.index, output.slot.index]
  scope.add(
    p =>
      scope.kernels.divide(
        ...(['fromPanels', panelsFor(rows), workOf(columns)] as const),
        ...([p[from], columns, p[to], 4 * columns, rows] as const),
      ),
    [x],
    [output],
  )
  return output
}
