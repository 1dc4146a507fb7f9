/** Packed files from inside: what packs, unpacks and inspects them needs. */
export { matrixShape, sizeOf } from '../shapes.ts'
export { crc32 } from './crc32.ts'
export { PackedFileError } from './error.ts'
export {
  type PackedHeader,
  type QualityFigure,
  type SectionEntry,
  sectionNames,
  TEXT_SECTION,
  type TensorEntry,
} from './header.ts'
export { checkTensors, MODEL_TEXT_FILES, parseNetwork, parseSides, type Side } from './model-texts.ts'
export { encodePositions, PositionDecoder } from './positions.ts'
export { PackedReader, type TensorSections } from './reader.ts'
export type { OnProgress, PackedSource } from './source.ts'
export { unpackTensor } from './tensor.ts'
export { readTexts, writeTexts } from './texts.ts'
export { encodeValues, halfToFloat, MOST_VALUES_PER_BYTE, VALUE_BYTES, type ValueEncoding } from './values.ts'
export { writePacked } from './writer.ts'
