/** Train, prune, retrain and evaluate LSTM translation models: what the command line does, for programs. */
export { readModel } from './checkpoint/model-directory.ts'
export { type NamedTensor, readSafetensors, writeSafetensors } from './checkpoint/safetensors.ts'
export { type Configuration, parseConfiguration } from './configuration/configuration.ts'
export { PRESETS } from './configuration/presets.ts'
export { type PrepareOptions, prepareCorpus } from './corpus/prepare.ts'
export { openPrepared } from './corpus/prepared.ts'
export { evaluateModel } from './evaluation/evaluate-model.ts'
export {
  bleu,
  chrf,
  corpusStatistics,
  pairedBootstrap,
  scoreCorpus,
  sentenceBleu,
  standardMetrics,
  ter,
} from './evaluation/index.ts'
export { pruneModel } from './pipeline/prune-model.ts'
export { resume, retrain, trainNew } from './pipeline/train.ts'
export { describeClasses, Mask, prune, SCHEMES, type Scheme, type WeightClass } from './pruning/index.ts'
export { retrainingOptions } from './training/learning-rate.ts'
export type { Outcome, TrainerEvents } from './training/trainer.ts'
export { openTranslator } from './translation/onnx-translator.ts'
