/** The kernels: functions of pointers into one memory, which belongs to the caller. Nothing here allocates. */
export { attend } from './attention'
export { lstmCell, tanhAll } from './cell'
export { allFinite, checksum, decodePositions, decodeValues, prepareGaps, sortRows } from './decode'
export { embedCoded, embedFloat } from './embedding'
export { fillPanel, fromPanel, toPanel } from './panel'
export { multiplyBlocks, multiplyCoded, multiplyFloat, quantize } from './product'
export { topTokens } from './softmax'
