/** Train, prune, retrain and evaluate LSTM translation models: what the command line does, for programs. */
export { readModel } from './checkpoint/model-directory.ts'
export { type NamedTensor, readSafetensors, writeSafetensors } from './checkpoint/safetensors.ts'
export { openPrepared, type PrepareOptions, prepareCorpus } from './corpus/prepare.ts'
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
export { evaluateModel, openTranslator } from './evaluation/model.ts'
export { describeClasses, Mask, prune, SCHEMES, type Scheme, type WeightClass } from './pruning/index.ts'
export { pruneModel } from './pruning/model.ts'
export { type Configuration, PRESETS, parseConfiguration, retrainingOptions } from './training/configuration.ts'
export { resume, retrain, trainNew } from './training/run.ts'
export type { Outcome, TrainerEvents } from './training/trainer.ts'
