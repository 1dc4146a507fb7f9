/** `score`: what it is called and takes. */
import { Command } from 'commander'
import { addJson, addScoring, type JsonFlag, type ScoringFlags } from '../option-groups.ts'

export interface ScoreFlags extends ScoringFlags, JsonFlag {}

export function scoreCommand(): Command {
  const command = new Command('score')
    .summary('score translations against references, as sacreBLEU does')
    .description('Prints BLEU, chrF, chrF++ and TER, each with the signature that says how it was computed.')
    .argument('<hypotheses>', 'translations, one a line')
    .argument('<references...>', 'one file or more, each as many lines')
  return addJson(addScoring(command, '13a'), 'the scores')
}
