/** The interface under its first name; see `decoder.ts`. */
export type * from './decoder.ts'
