/**
 * Models on disk: directories, safetensors files, and opening either kind of model for translation.
 * @module espalier/checkpoint
 */

export { readMetrics } from '../checkpoint/metrics-file.ts'
export {
  copyTextFiles,
  type ModelDirectory,
  type ModelManifest,
  modelClasses,
  readManifest,
  readModel,
  writeManifest,
  writeModel,
} from '../checkpoint/model-directory.ts'
export { isPacked, readAnyModel, readPackedHeader } from '../checkpoint/packed-file.ts'
export {
  type NamedTensor,
  type ReadSafetensorsOptions,
  readSafetensors,
  type SafetensorsFile,
  type TensorData,
  writeSafetensors,
} from '../checkpoint/safetensors.ts'
export { openEngineTranslator } from '../translation/engine-translator.ts'
export { openTranslator } from '../translation/open.ts'
