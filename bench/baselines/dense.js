/** A model's directory as ONNX files, in float32 or int8, and as a translator by ONNX Runtime in Node. */

import { readModel } from 'espalier/checkpoint'
import { exportNetwork } from 'espalier/network'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { denseTranslator } from './programs.js'
import { quantizeModel } from './quantize.js'

/**
 * @typedef {'f32' | 'int8'} Precision
 * @typedef {{ description: import('./programs.js').Description, encoder: Uint8Array, decoder: Uint8Array }} DenseFiles
 */

/** @param {string} directory of a model @param {Precision} precision @returns {Promise<DenseFiles>} */
export async function exportDense(directory, precision) {
  const { config, tokenizers, vocabularies, parameters } = await readModel(directory)
  const files = await exportNetwork(config.model, parameters)
  const written = precision === 'f32' ? (/** @type {Uint8Array} */ bytes) => bytes : quantizeModel
  return {
    description: {
      model: config.model,
      tokenizers,
      vocabularies: { source: vocabularies.source.tokens, target: vocabularies.target.tokens },
    },
    encoder: written(files.encoder),
    decoder: written(files.decoder),
  }
}

/** Opens exported files with onnxruntime-node. @param {DenseFiles} files @param {number} threads inside an operator */
export async function openDense({ description, encoder, decoder }, threads) {
  /** @type {import('onnxruntime-node').InferenceSession.SessionOptions} */
  const options = {
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: '1' } },
  }
  const sessions = {
    encoder: await InferenceSession.create(encoder, options),
    decoder: await InferenceSession.create(decoder, options),
  }
  return denseTranslator(description, sessions, Tensor)
}
