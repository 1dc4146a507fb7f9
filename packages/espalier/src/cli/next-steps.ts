/** What a quickstart proposes at its end. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { commandLine, shellQuote } from './command-line.ts'
import { print, thousands } from './output.ts'

export interface NextSteps {
  /** Path of the report. */
  readonly report: string
  /** The packed model that was made of the one shown. */
  readonly packed: { readonly path: string; readonly bytes: number }
  /** A sentence to translate. */
  readonly example: string
  /** Directory of the unpruned model. */
  readonly dense: string
  /** The pruned and retrained model. */
  readonly shown: { readonly name: string; readonly directory: string }
}

/** Commands stand on lines of their own, indented, to be pasted as they are. */
export async function printNextSteps({ report, packed, example, dense, shown }: NextSteps): Promise<void> {
  const { size } = await stat(join(dense, 'model.safetensors'))
  const lossless = join(dirname(packed.path), `${shown.name}-f32.espalier`)
  print(`The report, with figures:  ${report}`)
  print(
    `${shown.name} is packed into ${packed.path}: ${thousands(packed.bytes)} bytes, where the unpruned model takes ${thousands(size)}.`,
  )
  print('\nTranslate a sentence of your own with it:')
  print(`  echo ${shellQuote(example)} | ${commandLine('translate', packed.path)}`)
  print('Pack without rounding the weights:')
  print(`  ${commandLine('pack', shown.directory, '--out', lossless)}`)
  print('In a checkout of the repository, see models translate in a web page:')
  print('  npm run demo')
}
