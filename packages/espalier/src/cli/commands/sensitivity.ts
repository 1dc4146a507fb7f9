/** `sensitivity`: what it is called and takes. */
import { Command } from 'commander'
import { addJson, addThreads, type JsonFlag, type ThreadsFlag } from '../option-groups.ts'
import { fractions } from '../option-values.ts'

export interface SensitivityFlags extends JsonFlag, ThreadsFlag {
  readonly levels?: number[]
}

export function sensitivityCommand(): Command {
  const command = new Command('sensitivity')
    .summary('what a model loses when one weight class alone is pruned')
    .description('Prunes each weight class by itself, without retraining, and measures validation perplexity.')
    .argument('<model>', 'trained model')
    .argument('<data>', 'the data it was trained on')
    .option('--levels <fractions>', 'fractions to prune, separated by commas (default: 0.1 to 0.9)', fractions)
  return addJson(addThreads(command), 'what was measured')
}
