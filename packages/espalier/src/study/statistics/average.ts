/** The mean of some numbers; NaN of none. */
export const average = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length
