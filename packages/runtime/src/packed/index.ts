/** Packed files from inside: what packs, unpacks and inspects them needs. */
export { matrixShape, sizeOf } from '../shapes.ts'
export { crc32 } from './checksum.ts'
export {
  PackedFileError,
  type PackedHeader,
  PackedReader,
  type QualityFigure,
  readTexts,
  type SectionEntry,
  sectionNames,
  TEXT_SECTION,
  type TensorEntry,
  type TensorSections,
  writePacked,
  writeTexts,
} from './format.ts'
export { checkTensors, MODEL_TEXT_FILES, parseNetwork, parseSides, type Side } from './model-texts.ts'
export { encodePositions, PositionDecoder } from './positions.ts'
export type { OnProgress, PackedSource } from './source.ts'
export { unpackTensor } from './tensor.ts'
export { encodeValues, halfToFloat, MOST_VALUES_PER_BYTE, VALUE_BYTES, type ValueEncoding } from './values.ts'
