/** The kernels: functions of pointers into one memory, which belongs to the caller. Nothing here allocates. */
export { attend } from './attention'
export { multiplyBlocks, quantize } from './blocks'
export { lstmCell, tanhAll } from './cell'
export { allFinite, checksum, decodePositions, decodeValues, prepareGaps, sortRows } from './decode'
export { embedCoded, embedFloat } from './embedding'
export { fillPanel, fromPanel, toPanel } from './panel'
export { multiplyCoded, multiplyFloat } from './product'
export { topTokens } from './softmax'
// Exported only so that each stays a function of its own, and an engine compiles those that are used.
export { blocks1, blocks2, blocks3, blocks4, blocks5, blocks6, blocks7, blocks8 } from './blocks'
export { coded1, coded16, coded4, coded8, float1, float16, float4, float8 } from './product'
