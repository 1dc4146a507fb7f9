/** Numbers as people read them, their units not parted from them by line ends. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export const count = (n: number) => whole.format(n)

export const plural = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`

/** Megabytes of 10⁶ bytes, small ones in kilobytes. */
export function size(bytes: number): string {
  if (bytes < 1e6) return `${whole.format(bytes / 1000)}\u00a0kB`
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 1)}\u00a0MB`
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 && share > 0 ? 1 : 0)}\u00a0%`
}

export const milliseconds = (ms: number) => `${ms.toFixed(ms < 10 ? 1 : 0)}\u00a0ms`

export const score = (n: number) => n.toFixed(3).replace('-', '−')
