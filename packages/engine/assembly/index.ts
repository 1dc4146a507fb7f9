/**
 * The kernels of float32: functions of pointers into one memory, which belongs to the caller. Nothing here allocates.
 * Functions that have to be inlined are marked `// @inline`, which scripts/build-kernels.js turns into AssemblyScript's
 * decorator.
 */
export { copyRows } from './copy'
export { crossEntropySlope, crossEntropySlopeLanes, logSumExp, logSumExpLanes, sumLanes } from './cross-entropy'
export { multiply, multiplyEach, pack, useScratch } from './dense'
export { dropoutMask } from './dropout'
export { binary, unary } from './elementwise'
export { clearPadding, fromPanels, toPanels } from './panels'
export { logarithm, logSoftmax, softmax, sumColumns, sumParts, sumRows } from './reduction'
export { sparseForward, sparseSampled, sparseTransposed } from './sparse'
