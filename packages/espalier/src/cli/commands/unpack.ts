/** `unpack`: what it is called and takes. */
import { Command } from 'commander'
import { addJson, addOutDirectory, type JsonFlag, type OutFlags } from '../option-groups.ts'

export interface UnpackFlags extends OutFlags, JsonFlag {}

export function unpackCommand(): Command {
  const command = new Command('unpack')
    .summary('turn a packed file into a model directory again')
    .description('Writes the model that a file was packed from; values that were not f32 stay as they were rounded.')
    .argument('<file>', 'packed model')
  return addJson(addOutDirectory(command, 'model directory to make'), 'what was unpacked')
}
