export {
  generatePhrasebook,
  type PhrasebookOptions,
  type PhrasebookPair,
  type PhrasebookSplits,
  phrasebookSplits,
} from './generate.ts'
export { LEXICON_SIZE, type Topic } from './lexicon.ts'
