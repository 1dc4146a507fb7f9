// Speed of translation in Node, in turns: a model's directory run dense by ONNX Runtime in float32 and in int8, packed
// files by our own runtime, all with the same search.
//
//   npm run build
//   node bench/translation.js MODEL_DIRECTORY model.espalier … --source test.en
//     [--sentences 100] [--rounds 5] [--beams 1,5] [--batches 1,32] [--threads 1] [--precisions f32,int8]
//
// `--threads` is of ONNX Runtime's operators; of packed files it is how many batches are translated at once.
import { basename } from 'node:path'
import { openTranslator } from 'espalier/checkpoint'
import { exportDense, openDense } from './baselines/dense.js'
import { timeTranslation } from './timing.js'
import { isPacked, measureInTurns, parseMeasurement, printSpeeds } from './turns.js'

const { models, lines, sentences, settings, rounds, precisions, threads } = await parseMeasurement(
  'usage: node bench/translation.js MODELS… --source FILE; the comment in it names the options',
)
/**
 * @param {string} name @param {boolean} dense
 * @param {Parameters<typeof timeTranslation>[0] | Promise<Parameters<typeof timeTranslation>[0]>} opening
 * @returns {Promise<import('./turns.js').System>}
 */
async function system(name, dense, opening) {
  const translator = await opening
  return { name, dense, translate: (texts, setting) => timeTranslation(translator, texts, setting) }
}

const systems = []
for (const model of models.filter(model => !isPacked(model)))
  for (const precision of precisions)
    systems.push(
      await system(
        `dense ${precision} ${basename(model)}`,
        true,
        openDense(await exportDense(model, precision), threads),
      ),
    )
const packed = []
for (const file of models.filter(isPacked)) {
  const translator = await openTranslator(file, threads)
  packed.push(translator)
  systems.push(await system(basename(file), false, translator))
}

const speeds = await measureInTurns(systems, lines, { settings, rounds, sentences })
printSpeeds(speeds)
for (const translator of packed) await translator.release()
console.log(JSON.stringify({ runtime: `node ${process.version}`, threads, sentences, rounds, speeds }))
