/** Values of options: text turned into what it means, or refused with what would be right. Imports nothing heavy. */
import { InvalidArgumentError } from 'commander'

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
  return text => {
    const value = Number(text)
    if (!/^-?\d+$/u.test(text.trim()) || value < least || value > most)
      throw new InvalidArgumentError(`It has to be a whole number ${range}.`)
    return value
  }
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It has to be a number above 0.')
  return value
}

/** A number in [0, 1). */
export function fraction(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value < 1))
    throw new InvalidArgumentError('It has to be a number from 0 up to, not including, 1.')
  return value
}

/** A number in (0, 1). */
export function someFraction(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It has to be a number between 0 and 1, as in 0.9.')
  return value
}

/** `a,b,c` */
export function list(text: string): string[] {
  const parts = text.split(',').map(part => part.trim())
  if (parts.includes('')) throw new InvalidArgumentError('It has to be names with commas between them, as in a,b.')
  return parts
}

/** `0.4,0.6`: numbers in (0, 1), ascending. */
export function fractions(text: string): number[] {
  const values = text.split(',').map(Number)
  if (values.some((x, i) => !(x > 0 && x < 1) || (i > 0 && x <= values[i - 1])))
    throw new InvalidArgumentError('It has to be numbers between 0 and 1 that increase, as in 0.4,0.8.')
  return values
}

/** Values of an option that may be repeated. */
export const collect = (value: string, before: string[] = []) => [...before, value]
