/**
 * The kernels: functions of pointers into one memory, which belongs to the caller. Nothing here allocates. Functions that
 * have to be inlined are marked `// @inline`, which scripts/build-kernels.js turns into AssemblyScript's decorator.
 */
export { attend } from './attention'
// Exported only so that the compiler keeps each as a function, of which an engine compiles those that are called.
export {
  blocks1,
  blocks2,
  blocks3,
  blocks4,
  blocks5,
  blocks6,
  blocks7,
  blocks8,
  multiplyBlocks,
  quantize,
} from './blocks'
export { lstmCell, tanhAll } from './cell'
export { crc32 } from './crc32'
export { embedCoded, embedFloat } from './embedding'
export { fillPanel, fromPanel, toPanel } from './panel'
export { decodePositions, prepareGapTables } from './positions'
export {
  coded1,
  coded4,
  coded8,
  coded16,
  float1,
  float4,
  float8,
  float16,
  multiplyCoded,
  multiplyFloat,
} from './product'
export { topTokens } from './softmax'
export { sortRows } from './sort-rows'
export { decodeValues, firstNotFinite } from './values'
