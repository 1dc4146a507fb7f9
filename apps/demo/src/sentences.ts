/** Sentences of the phrasebook that no model was trained on. */

/** To click. */
export const EXAMPLES: readonly string[] = [
  'Nobody knows whether the girl put away the hose.',
  'Seven litres of coffee cost thirty euros and twenty cents.',
  'I find the duck together with the children.',
  'Although it is clear, the nurse brings in umbrellas at the harbour.',
  'The temperature in the south will be four degrees below zero later.',
  'The tired drivers find their hedgehogs, but we chase away our bee early in the morning.',
]

/** To measure with, always the same ones. */
export const MEASURED: readonly string[] = [
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
]
