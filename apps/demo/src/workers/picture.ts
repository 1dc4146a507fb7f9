/** A matrix's surviving weights as a picture of cells. */

/** One mark a weight, row by row. */
export interface Marks {
  readonly rows: number
  readonly columns: number
  readonly marks: Uint8Array
}

/** A matrix as cells; its longer side runs across, in as many bands below each other as it takes. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly bands: number
  /** Weights along a side of one cell. */
  readonly step: number
  /** The share of each cell's weights that are kept, row by row; -1 between bands and after the last. */
  readonly density: Float32Array
}

/** Cells between bands. */
const GAP = 6

/** @param width cells that there is room for @param height the same, kept to by cells of more weights */
export function pictureOf({ rows, columns, marks }: Marks, width: number, height: number): Picture {
  const turned = rows > columns
  const [across, down] = turned ? [rows, columns] : [columns, rows]
  const layout = layOut(across, down, width, height)
  const { step, band, bands, cellsDown } = layout
  const size = { width: band, height: bands * (cellsDown + GAP) - GAP }
  const density = new Float32Array(size.width * size.height).fill(-1)
  const cellOf = (x: number, y: number) => {
    const [cellX, cellY] = [Math.floor(x / step), Math.floor(y / step)]
    return (Math.floor(cellX / band) * (cellsDown + GAP) + cellY) * band + (cellX % band)
  }
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++) {
      const [x, y] = turned ? [row, column] : [column, row]
      const cell = cellOf(x, y)
      // Cells at the border have fewer weights.
      const weights = Math.min(step, across - x + (x % step)) * Math.min(step, down - y + (y % step))
      density[cell] = Math.max(0, density[cell]) + marks[i] / weights
    }
  return { ...size, bands, step, density }
}

/** The smallest cells with which a matrix fits. */
function layOut(across: number, down: number, width: number, height: number) {
  for (let step = 1; ; step++) {
    const [cellsAcross, cellsDown] = [Math.ceil(across / step), Math.ceil(down / step)]
    const band = Math.min(cellsAcross, width)
    const bands = Math.ceil(cellsAcross / band)
    if (bands * (cellsDown + GAP) - GAP <= height || cellsDown === 1) return { step, band, bands, cellsDown }
  }
}
