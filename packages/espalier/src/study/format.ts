/** How a study writes its numbers. */

/** `80 %`, `2.5 %`: as many digits as say something. */
export const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`

/** `+0.31`, `−1.20` */
export const signed = (x: number) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(2)}`

/** A fraction as experiments have it in their names: `80`, `97.5`. */
export const level = (fraction: number) => String(Number((100 * fraction).toFixed(2)))
