/** Pictures of weights on a canvas: whole pixels for each cell, in the page's colours. */
import type { PictureRequest } from './workers/model-calls.ts'
import type { Painted } from './workers/painting.ts'

/** Of one weight: small matrices are not blown up beyond it. */
const MOST_PIXELS = 4

/** What a picture for a canvas has to be like: the cells that there is room for, and colours. @param height in CSS pixels */
export function pictureRequest(canvas: HTMLCanvasElement, height: number): Omit<PictureRequest, 'name' | 'from'> {
  const width = Math.max(64, Math.floor((canvas.parentElement?.clientWidth ?? 0) * devicePixelRatio))
  return {
    width,
    height: Math.floor(height * devicePixelRatio),
    ink: colourOf(getComputedStyle(canvas).color),
    // Between bands the ground is the page's.
    page: colourOf(getComputedStyle(document.body).backgroundColor),
  }
}

/** One pixel a cell: the style sheet enlarges them. @param room in device pixels */
export function show(canvas: HTMLCanvasElement, { pixels, width, height }: Painted, room: number): void {
  const scale = Math.max(1, Math.min(MOST_PIXELS, Math.floor(room / width)))
  Object.assign(canvas, { width, height })
  canvas.style.width = `${(width * scale) / devicePixelRatio}px`
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0)
}

/** Red, green and blue of a computed colour. */
const colourOf = (computed: string) => (computed.match(/[\d.]+/gu) ?? []).map(Number)
