/** A matrix of shares as a picture. */
import { PNG } from 'pngjs'
import { scheme } from 'vega'

/** From dark to bright. @returns a data URL of a PNG */
export function heatMap(cells: readonly (readonly number[])[], brightest: number): string {
  const colour = scheme('viridis') as (share: number) => string
  const image = new PNG({ width: cells[0].length, height: cells.length })
  cells.flat().forEach((share, i) => {
    const [red, green, blue] = colour(share / brightest).match(/\d+/gu)!
    image.data.set([Number(red), Number(green), Number(blue), 255], 4 * i)
  })
  return `data:image/png;base64,${PNG.sync.write(image).toString('base64')}`
}
