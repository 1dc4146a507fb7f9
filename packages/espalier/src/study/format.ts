/** How a study writes its numbers. */

/** `80 %`, `2.5 %`: as many digits as say something. */
export const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`

/** A number with a true minus sign: `−1.20`; what rounds to nothing has no sign. */
export function fixed(x: number, digits = 2): string {
  const text = Math.abs(x).toFixed(digits)
  return x < 0 && Number(text) !== 0 ? `−${text}` : text
}

/** `+0.31`, `−1.20` */
export const signed = (x: number, digits = 2) => {
  const text = fixed(x, digits)
  return text.startsWith('−') ? text : `+${text}`
}

/** `= 0.012`, `< 0.001` */
export const probability = (p: number) => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`)

/** Thousands apart: `12 345`, with a space that does not break. */
export const grouped = (n: number) => String(Math.round(n)).replace(/\B(?=(?:\d{3})+$)/gu, '\u202f')

/** A perplexity in about four figures: `1.14`, `12.3`, `1 300`, and above a million `> 1 million`, where it says nothing more. */
export function perplexityText(x: number): string {
  if (!(x < 1e6)) return '> 1 million'
  return x < 10 ? x.toFixed(2) : x < 100 ? x.toFixed(1) : grouped(x)
}

/** A fraction as experiments have it in their names: `80`, `97.5`. */
export const level = (fraction: number) => String(Number((100 * fraction).toFixed(2)))

/** Seconds as people say them. */
export function duration(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 90) return `${s} s`
  return s < 5400
    ? `${Math.floor(s / 60)} min ${s % 60} s`
    : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
}
