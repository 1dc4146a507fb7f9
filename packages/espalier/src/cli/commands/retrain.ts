/** `retrain`: what it is called and takes. */
import { Command } from 'commander'
import { addSettings } from '../option-groups.ts'
import { wholeNumber } from '../option-values.ts'
import { addTrainingRun, type TrainingRunFlags } from './train.ts'

export interface RetrainFlags extends TrainingRunFlags {
  readonly rewind?: number
  readonly weightsOf?: string
  readonly regrow?: boolean
}

export function retrainCommand(): Command {
  const command = new Command('retrain')
    .summary('train a pruned model further, its pruned weights held at zero')
    .description(
      "The paper's retraining: half the learning rate, a third of the epochs, the rate halved every half epoch after half of them. Change it with --set training.KEY=VALUE; with --set gradual.fraction=0.9 it prunes while it trains.",
    )
    .argument('<model>', 'pruned model')
    .argument('<data>', 'the data it was trained on')
    .option('--rewind <epoch>', 'repeat the learning rates of the first training from this epoch on', wholeNumber(0))
    .option('--weights-of <model>', 'with --rewind: begin with the weights that this model kept after that epoch')
    .option('--regrow', 'give up the mask: pruned weights begin at zero and may grow (dense-sparse-dense)')
    .addHelpText('after', '\nExample:\n  espalier retrain pruned data --out retrained\n')
  return addTrainingRun(addSettings(command, 'training, gradual'))
}
