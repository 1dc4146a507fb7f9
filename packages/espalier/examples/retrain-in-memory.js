// @ts-check
/**
 * Trains, prunes and retrains a translator in memory: WebAssembly computes, kept weights are all that retraining has, and no
 * Node module and no ONNX Runtime is used. What is imported here loads in a page or a worker as well (a bundler leaves out
 * what is not used of `espalier/evaluation`).
 *
 *     npm run build && node packages/espalier/examples/retrain-in-memory.js
 */
import { Random } from '@espalier/engine'
import { wasmBackend } from '@espalier/engine/wasm'
import { createTokenizer, SPECIAL_TOKENS, Translator, Vocabulary } from '@espalier/runtime'
import { bleu, scoreCorpus } from 'espalier/evaluation'
import {
  initialParameters,
  networkConfig,
  networkSchema,
  openNetwork,
  parameterSpecs,
  weightClasses,
} from 'espalier/network'
import { prune } from 'espalier/pruning'
import { MemoryStorage, PairStore, parseConfiguration, train } from 'espalier/training'

// Text: numbers in English and in German, as token ids.
const ENGLISH = 'one two three four five six seven eight nine ten eleven twelve'.split(' ')
const GERMAN = 'eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf'.split(' ')
const random = new Random(1, 'numbers')
const pairs = Array.from({ length: 1600 }, () => {
  const numbers = Array.from({ length: 2 + random.integer(5) }, () => random.integer(12))
  return { source: numbers.map(n => ENGLISH[n]).join(' '), target: numbers.map(n => GERMAN[n]).join(' ') }
})
const tokenizer = createTokenizer({ kind: 'none', language: 'en', lowercase: false })
const source = { tokenizer, vocabulary: new Vocabulary([...SPECIAL_TOKENS, ...ENGLISH]) }
const target = { tokenizer, vocabulary: new Vocabulary([...SPECIAL_TOKENS, ...GERMAN]) }
/** @param {typeof pairs} some */
const ids = some =>
  PairStore.of(
    some.map(pair => ({
      source: source.vocabulary.encode(tokenizer.tokenize(pair.source)),
      target: target.vocabulary.encode(tokenizer.tokenize(pair.target)),
    })),
  )
const test = pairs.slice(0, 100)
const corpus = { train: ids(pairs.slice(200)), valid: ids(pairs.slice(100, 200)), digest: 'numbers' }

// A small network, trained.
const network = networkConfig(networkSchema.parse({ layers: 1, hidden: 48, attention: 'general', dropout: 0 }), {
  source: source.vocabulary.size,
  target: target.vocabulary.size,
})
const { training } = parseConfiguration(
  { training: { optimizer: 'adam', learningRate: 0.01, batchSize: 16, epochs: 4, decayFrom: 2, decayEvery: 0.5 } },
  'this example',
)
const backend = await wasmBackend({ threads: 1 })
const dense = new MemoryStorage()
await train({
  ...{ corpus, network, training, backend },
  parameters: initialParameters(network, 1),
  storage: dense,
  events: {
    onEpoch: ({ epoch, validPerplexity }) => console.log(`epoch ${epoch}: perplexity ${validPerplexity.toFixed(2)}`),
  },
})
if (!dense.model) throw new Error('training has made no model')
const { parameters } = dense.model

// Pruned: nine weights of ten go. Then what is left is trained, and measured while it is.
const mask = prune(weightClasses(parameterSpecs(network), parameters), { scheme: 'class-blind', fraction: 0.9 })
const pruned = mask.apply(parameters)
/** @param {ReadonlyMap<string, import('@espalier/engine').ArrayValue>} weights */
const measure = async weights => {
  const model = await openNetwork(network, weights, { backend })
  const translator = new Translator(model, source, target, true)
  const translations = await translator.translate(
    test.map(pair => pair.source),
    { beam: 1 },
  )
  await model.release()
  const references = test.map(pair => pair.target)
  return scoreCorpus(
    bleu(),
    translations.map(([best]) => best.text),
    [references],
  ).score.toFixed(1)
}
console.log(`unpruned: BLEU ${await measure(parameters)}`)
console.log(`90 % pruned: BLEU ${await measure(pruned)}`)
await train({
  ...{ corpus, network, training, backend, mask },
  parameters: pruned,
  storage: new MemoryStorage(),
  events: {
    onBackend: ({ name, sparse }) => console.log(`retraining on ${name}, ${sparse} matrices as kept weights alone`),
    // Training waits for what this returns: to measure, to pause, to let messages in. The weights are kept values.
    onStep: async ({ step, totalSteps, loss }, weights) => {
      if (step % 50 !== 0 && step !== totalSteps) return
      console.log(`step ${step} of ${totalSteps}: loss ${loss.toFixed(3)}, BLEU ${await measure(await weights())}`)
    },
  },
})
await backend.release()
