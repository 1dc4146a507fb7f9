/** `pack`: what it is called and takes. */
import { Command, Option } from 'commander'
import { VALUE_ENCODINGS } from '../choices.ts'
import { addJson, type JsonFlag } from '../option-groups.ts'

export interface PackFlags extends JsonFlag {
  readonly out: string
  readonly values: (typeof VALUE_ENCODINGS)[number]
  readonly entries?: '16' | '32'
  readonly evaluate?: string
  readonly force?: boolean
}

export function packCommand(): Command {
  const command = new Command('pack')
    .summary('write a model as one small file, for Node and for web pages')
    .description(
      'Writes the kept weights alone: where they are, coded close to the entropy of that, and their values. f32 loses nothing, f16 halves them, int8 has a scale for each row, a codebook has 16 or 32 values for each matrix.',
    )
    .argument('<model>', 'model directory, pruned or not')
    .requiredOption('--out <file>', 'file to write; by custom its name ends in .espalier')
    .addOption(new Option('--values <encoding>', 'how values are written').choices(VALUE_ENCODINGS).default('f32'))
    .addOption(
      new Option('--entries <n>', 'values of a codebook, with --values codebook (default: 16)').choices(['16', '32']),
    )
    .option(
      '--evaluate <data>',
      'measure BLEU before and after on the validation text of this data directory, and keep it in the file',
    )
    .option('--force', 'replace a file that exists')
    .addHelpText('after', '\nExample:\n  espalier pack retrained --values int8 --out retrained.espalier\n')
  return addJson(command, 'what the file holds')
}
