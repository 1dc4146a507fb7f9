/** ONNX Runtime sessions, of Node or of the browser, as the two programs of a network that our search drives. */

import { createTokenizer, Translator, Vocabulary } from '@espalier/runtime'
import { ProgramNetwork } from 'espalier/program-network'

/**
 * What a dense model is besides its two files; plain data, so that it can be sent to a page.
 * @typedef {object} Description
 * @property {import('espalier/network').NetworkConfig} model
 * @property {Record<'source' | 'target', import('@espalier/runtime').TokenizerConfig>} tokenizers
 * @property {Record<'source' | 'target', readonly string[]>} vocabularies tokens in the order of their ids
 */

/**
 * A translator that computes with ONNX Runtime and does all else as a packed model's does.
 * @param {Description} description
 * @param {{ encoder: any, decoder: any }} sessions inference sessions of the exported encoder and decoder
 * @param {any} Tensor the runtime's class of tensors
 */
export function denseTranslator({ model, tokenizers, vocabularies }, sessions, Tensor) {
  const network = new ProgramNetwork(model, {
    encoder: sessionProgram(sessions.encoder, Tensor),
    decoder: sessionProgram(sessions.decoder, Tensor),
  })
  const side = (/** @type {'source' | 'target'} */ name) => ({
    tokenizer: createTokenizer(tokenizers[name]),
    vocabulary: new Vocabulary(vocabularies[name]),
  })
  return new Translator(network, side('source'), side('target'), model.attention !== 'none')
}

/** @param {unknown} data of a tensor */
const typeOf = data => (data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'int64')

/**
 * @param {any} session an inference session
 * @param {any} Tensor the runtime's class of tensors
 * @returns {import('espalier/program-network').NetworkProgram}
 */
function sessionProgram(session, Tensor) {
  return {
    async run(values) {
      /** @type {Record<string, unknown>} */
      const feeds = {}
      for (const name of session.inputNames) {
        const { data, shape } = values[name]
        feeds[name] = new Tensor(typeOf(data), data, shape)
      }
      const results = await session.run(feeds)
      return Object.fromEntries(
        Object.entries(results).map(([name, /** @type {any} */ { data, dims }]) => [
          name.replace('next.', ''),
          { data, shape: dims },
        ]),
      )
    },
  }
}
