/**
 * Choosing weights to remove: pure functions of weights and masks. Loads in a page, too.
 * @module espalier/pruning
 */

export { type Block, parseBlock } from '../pruning/blocks.ts'
export * from '../pruning/index.ts'
export { type Pattern, parsePattern } from '../pruning/pattern.ts'
