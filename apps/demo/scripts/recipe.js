/** The models of the demonstration: how each is made from the one before, and what the page calls it. */

/**
 * @typedef {object} Step a training
 * @property {string} name of the model's directory
 * @property {string} [from] the model that is trained on; absent: a new network
 * @property {string[]} settings
 *
 * @typedef {object} Packed a file for the page
 * @property {string} label @property {string} from name of the step @property {'f32' | 'int8'} values
 */

/** Gradual pruning over the first half of three epochs, at the full rate: a model this small has much to relearn. */
const gradually = (/** @type {number} */ fraction, /** @type {string} */ block = '1x1', epochs = 3) => [
  `training.epochs=${epochs}`,
  'training.learningRate=0.005',
  `training.decayFrom=${epochs - 1}`,
  'training.decayEvery=0.5',
  `gradual.fraction=${fraction}`,
  `gradual.block=${block}`,
  `gradual.end=${epochs / 2}`,
]

/** @type {readonly Step[]} */
export const STEPS = [
  { name: 'dense', settings: ['training.epochs=5', 'training.decayFrom=3'] },
  { name: 'pruned-80', from: 'dense', settings: gradually(0.8) },
  { name: 'pruned-90', from: 'pruned-80', settings: gradually(0.9) },
  { name: 'blocks-80', from: 'dense', settings: gradually(0.8, '1x8', 4) },
]

/** @type {readonly Packed[]} */
export const PACKED = [
  { label: 'Unpruned', from: 'dense', values: 'f32' },
  { label: '80\u00a0% pruned, retrained', from: 'pruned-80', values: 'f32' },
  { label: '90\u00a0% pruned, retrained', from: 'pruned-90', values: 'f32' },
  { label: '80\u00a0% pruned in blocks of 1\u00a0×\u00a08, retrained', from: 'blocks-80', values: 'int8' },
]

/** What the page is told of the text; with `phrasebook` it makes the same sentences itself. */
export const TEXT = {
  text: 'the phrasebook: 20\u00a0000 sentence pairs made by a grammar',
  domain: 'gardens, the weather, markets and travel',
  phrasebook: { pairs: 20_000, seed: 1 },
}
