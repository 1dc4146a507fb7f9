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
  {
    name: 'dense',
    settings: ['training.epochs=5', 'training.decayFrom=3', 'training.decayEvery=0.5', 'training.patience=0'],
  },
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

/**
 * What the page is told of the text; with `phrasebook` it makes the same sentences itself. Examples are to click, the other sentences to
 * measure speed with.
 */
export const TEXT = {
  text: 'the phrasebook: 20\u00a0000 sentence pairs made by a grammar',
  domain: 'gardens, the weather, markets and travel',
  phrasebook: { pairs: 20_000, seed: 1 },
  // Neither these nor those below were trained on.
  examples: [
    'Nobody knows whether the girl put away the hose.',
    'Seven litres of coffee cost thirty euros and twenty cents.',
    'I find the duck together with the children.',
    'Although it is clear, the nurse brings in umbrellas at the harbour.',
    'The temperature in the south will be four degrees below zero later.',
    'The tired drivers find their hedgehogs, but we chase away our bee early in the morning.',
  ],
  measured: [
    'Mrs Hoffmann, please complain about the frost.',
    'The journey from Warsaw to Lisbon takes sixteen hours.',
    'Do you know why the cook visited the driver in the park?',
    'I know French.',
    'It was sunny in June.',
    'The waiter is buying the plant.',
    'Who is baking a pizza?',
    'How often could the stewardess dig up some peppers?',
    'Did a fisherman order the wine at the kiosk?',
    'The actresses came back on the first of February.',
    'Sophie has finally explained the mistake to the conductor.',
    'A sister can check the menu, and then she can take it along.',
    'The foxes can not eat some quinces next week.',
    'Probably, the cyclist goes to the pond.',
    'The radish that the hikers will peel is cheap.',
    'The conductors know German.',
    'On Tuesday, it will be frosty and stormy.',
    'The saleswoman puts the postcards in front of the shelf as soon as it is hailing.',
    'The policewoman watered the bushes eleven years ago.',
    "The nurse's oak is big.",
    'Jonas went to the counter today.',
    'How often can the passenger visit the palace?',
    'How much do these passports cost?',
    'Our nephews laugh at their short plan at night.',
    'Hanna, can you miss the full tram?',
    'I draw the glacier although it is quite small.',
    'My daughters looked for the cafés because they were open.',
    'Max, please worry about the dahlia.',
    'Peter is going to the pharmacy while it is snowing.',
    "The cyclist's purses are small.",
    'The carpet that the man has carried is blue.',
    'The monastery opens at twenty to four on Fridays.',
  ],
}
