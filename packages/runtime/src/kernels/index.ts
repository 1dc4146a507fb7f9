/** Sparse matrices in memory and products with them, for programs that have weights of their own. */
export { type ActivationRows, Activations } from './activations.ts'
export { Heap } from './heap.ts'
export type { KernelKind, Kernels } from './interface.ts'
export { createKernels, fastestKernels } from './kernels.ts'
export type { KernelMemory } from './memory.ts'
export { createScratch, embed, multiply, type Scratch, type Term } from './multiply.ts'
export { type DenseMatrix, type MatrixUse, matrixFromDense, type SparseMatrix } from './sparse-matrix.ts'
