/** The clock, which every engine of JavaScript has and its own types do not. */
declare const performance: { now(): number }

/** Milliseconds since some moment. */
export const now = () => performance.now()
