/** `unpack`: a packed file as a model's directory. */
import { unpackModel } from '../../packing/unpack.ts'
import { checkOutput } from '../../storage/outputs.ts'
import type { UnpackFlags } from '../commands/unpack.ts'
import { note, printJson } from '../output.ts'

export async function unpackAction(file: string, { out, force, json }: UnpackFlags): Promise<void> {
  await checkOutput(out, { kind: 'directory', force, others: [file] })
  await unpackModel(file, out, { force })
  if (json) printJson({ model: out })
  else note(`done: ${out}`)
}
