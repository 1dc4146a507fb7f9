/** The clock of both measurements, in Node and in a page. */

/**
 * @typedef {{ readonly beam: number, readonly batchSize: number }} Setting
 * @typedef {{ readonly texts: string[], readonly words: number, readonly seconds: number }} Answer `words`: target words,
 *   one `</s>` for each sentence included
 */

/**
 * @param {Pick<import('@espalier/runtime').Translator, 'translate'>} translator
 * @param {readonly string[]} sentences @param {Setting} setting @returns {Promise<Answer>}
 */
export async function timeTranslation(translator, sentences, setting) {
  const began = performance.now()
  const results = await translator.translate(sentences, setting)
  const seconds = (performance.now() - began) / 1000
  return {
    seconds,
    words: results.reduce((n, [best]) => n + best.tokens.length + 1, 0),
    texts: results.map(([best]) => best.text),
  }
}
