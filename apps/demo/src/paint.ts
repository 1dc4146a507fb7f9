/** A place for pictures of weights: whole pixels for each cell, in the page's colours. */
import type { PictureRequest } from './workers/model-calls.ts'
import type { Painted } from './workers/painting.ts'

/** Of one weight: small matrices are not blown up beyond it. */
const MOST_PIXELS = 4
const LEAST_WIDTH = 64

export class PicturePlace {
  readonly #canvas: HTMLCanvasElement
  readonly #height: number
  /** Read when the page is laid out, not when a picture is asked for: that would lay it out once more. */
  #request: Omit<PictureRequest, 'name' | 'from'> | undefined

  /**
   * @param height in CSS pixels
   * @param onChange the room or the colours are others, so that a picture has to be made anew
   */
  constructor(canvas: HTMLCanvasElement, height: number, onChange: () => void) {
    this.#canvas = canvas
    this.#height = height
    const look = () => {
      this.#look()
      onChange()
    }
    new ResizeObserver(look).observe(canvas.parentElement!)
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', look)
  }

  /** What a picture has to be like: the cells that there is room for, and colours. */
  get request(): Omit<PictureRequest, 'name' | 'from'> {
    return this.#request ?? this.#look()
  }

  /** One pixel a cell: the style sheet enlarges them. */
  show({ pixels, width, height }: Painted): void {
    const scale = Math.max(1, Math.min(MOST_PIXELS, Math.floor(this.request.width / width)))
    Object.assign(this.#canvas, { width, height })
    this.#canvas.style.width = `${(width * scale) / devicePixelRatio}px`
    this.#canvas.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0)
  }

  #look(): Omit<PictureRequest, 'name' | 'from'> {
    const room = Math.floor((this.#canvas.parentElement?.clientWidth ?? 0) * devicePixelRatio)
    this.#request = {
      width: Math.max(LEAST_WIDTH, room),
      height: Math.floor(this.#height * devicePixelRatio),
      ink: colourOf(getComputedStyle(this.#canvas).color),
      // Between bands the ground is the page's.
      page: colourOf(getComputedStyle(document.body).backgroundColor),
    }
    return this.#request
  }
}

/** Red, green and blue of a computed colour. */
const colourOf = (computed: string) => (computed.match(/[\d.]+/gu) ?? []).map(Number)
