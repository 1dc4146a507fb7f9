/**
 * Products of a sparse matrix W [rows, columns] in compressed rows of blocks, `height` × `width` each. Arrays of
 * activations are in panels (panels.ts): x [panel][columns][16], y [panel][rows][16].
 *
 * `starts` has the first block of each row of blocks and the end; `places` the first column of each block as a distance in
 * bytes, 64 a column (u32); `values` the blocks' numbers. Panels, or rows of blocks in the sampled product, may be divided:
 * no number depends on how.
 *
 * V8 before version 13 moves all loads of a basic block to its beginning and keeps them on the stack when there are more
 * than registers. Conditions that never hold (a pointer is no small odd number; each is another, for V8 joins those that are
 * alike) and stores that are overwritten end the blocks early.
 */
export { sparseForward } from './sparse-forward'
export { sparseSampled } from './sparse-sampled'
export { sparseTransposed } from './sparse-transposed'
