/** `evaluate`: what it is called and takes. */
import { Command } from 'commander'
import {
  addJson,
  addOutputFile,
  addScoring,
  addSearch,
  type JsonFlag,
  type OutputFileFlags,
  type ScoringFlags,
  type SearchFlags,
} from '../option-groups.ts'

export interface EvaluateFlags extends SearchFlags, ScoringFlags, OutputFileFlags, JsonFlag {
  readonly source: string
  readonly reference: string
}

export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .summary('perplexity, BLEU, chrF and TER of a model on parallel text')
    .description(
      'Translates a text, scores the translations against references, and measures perplexity of the references.',
    )
    .argument('<model>', 'model directory or packed file')
    .requiredOption('--source <file>', 'text to translate')
    .requiredOption('--reference <file>', 'its translation')
  addScoring(addSearch(command), 'none for a model of tokenised text, else 13a')
  addOutputFile(command, 'also write the translations to this file')
  return addJson(command, 'the scores')
}
