/** English-German sentence pairs from a grammar: the same seed gives the same pairs, anywhere JavaScript runs. */
export {
  generatePhrasebook,
  type PhrasebookOptions,
  type PhrasebookPair,
  type PhrasebookSplits,
  phrasebookSplits,
} from './generate.ts'
export { LEXICON_SIZE, type Topic } from './lexicon.ts'
