/** Pictures as pixels, made in a worker: a page has better things to do. */
import type { Picture } from './picture.ts'

export interface Painted extends Omit<Picture, 'density'> {
  /** Red, green, blue and opacity of each cell. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>
}

type Colour = readonly number[]

/** Ink where weights are kept, the fainter the fewer; the page's colour outside of the matrix. */
export function painted({ density, ...rest }: Picture, ink: Colour, page: Colour): Painted {
  const pixels = new Uint8ClampedArray(4 * density.length)
  for (let i = 0; i < density.length; i++) {
    const share = density[i]
    const [red, green, blue] = share < 0 ? page : ink
    pixels[4 * i] = red
    pixels[4 * i + 1] = green
    pixels[4 * i + 2] = blue
    pixels[4 * i + 3] = share < 0 ? 255 : Math.round(255 * share)
  }
  return { ...rest, pixels }
}
