/** `inspect`: what it is called and takes. */
import { Command } from 'commander'
import { addJson } from '../option-groups.ts'

export function inspectCommand(): Command {
  const command = new Command('inspect')
    .summary("show a model's weight classes")
    .description(
      'Of a model directory: for each weight class its matrices, number of weights, sparsity, standard deviation (σ), and the largest and smallest magnitude that is kept. Of a packed file: what its bytes hold.',
    )
    .argument('<model>', 'model directory or packed file')
  return addJson(command, 'the classes')
}
