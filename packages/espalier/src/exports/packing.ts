/**
 * Packed files: writing them, taking them apart, and what is in them.
 * @module espalier/packing
 */

export { describePacked, type PackedClass, type PackedDescription } from '../packing/describe.ts'
export { type PackableModel, type PackOptions, packModel, packTensor } from '../packing/pack.ts'
export { type CodebookOptions, type Quantized, quantizeValues } from '../packing/quantize.ts'
export { unpackModel } from '../packing/unpack.ts'
