import { readFile } from 'node:fs/promises'
import { LIMITS, NORMALIZATIONS, TOKENIZER_KINDS } from '@espalier/runtime'
import { VALUE_BYTES } from '@espalier/runtime/packed'
import { describe, expect, it } from 'vitest'
import {
  MOST,
  NORMALIZATION_NAMES,
  PRESET_NAMES,
  SCHEME_NAMES,
  TOKENIZER_NAMES,
  VALUE_ENCODINGS,
} from '../../src/cli/choices.ts'
import { createProgram } from '../../src/cli/program.ts'
import { PRESETS } from '../../src/configuration/presets.ts'
import { SCHEMES } from '../../src/pruning/index.ts'

/** What `--help` prints. */
function helpOf(command: ReturnType<typeof createProgram>): string {
  let text = ''
  command.configureOutput({
    writeOut: part => {
      text += part
    },
    getOutHelpWidth: () => 80,
  })
  command.outputHelp()
  return text
}

const program = createProgram()
const commands = [program, ...program.commands]

describe('help', () => {
  it.each(commands.map(command => [command.name(), command] as const))(
    'of %s fits 80 columns, is wrapped once, and has a summary, a description and a text for each option',
    (_, command) => {
      const text = helpOf(command)
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
      // Lines broken by hand would be wrapped once more.
      expect(command.description()).toMatch(/^[A-Z].*[.\w]$/u)
      if (command !== program) expect(command.summary().length).toBeLessThanOrEqual(66)
      for (const { flags, description } of command.options) expect(description.length, flags).toBeGreaterThan(5)
    },
  )

  it('offers --json with every command', () => {
    for (const command of program.commands)
      expect(
        command.options.map(({ long }) => long),
        command.name(),
      ).toContain('--json')
  })

  it('names the choices and limits that there are', () => {
    expect(PRESET_NAMES).toEqual(Object.keys(PRESETS))
    expect(SCHEME_NAMES).toEqual(Object.keys(SCHEMES))
    expect(NORMALIZATION_NAMES).toEqual(NORMALIZATIONS)
    expect(TOKENIZER_NAMES).toEqual(TOKENIZER_KINDS)
    expect([...VALUE_ENCODINGS].sort()).toEqual(Object.keys(VALUE_BYTES).sort())
    expect(MOST).toEqual({ beam: LIMITS.beam, batchSize: LIMITS.batchSize })
  })

  it('loads commander alone, none of the packages that commands need', async () => {
    expect(await packagesOf(new URL('../../dist/cli/run.js', import.meta.url))).toEqual(['commander'])
  })
})

/** The packages that a built module and its own modules import, those aside that they import when they are run. */
async function packagesOf(start: URL): Promise<string[]> {
  const packages = new Set<string>()
  const seen = new Set<string>()
  const follow = async (url: URL): Promise<void> => {
    if (seen.has(url.href)) return
    seen.add(url.href)
    for (const [, name] of (await readFile(url, 'utf8')).matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gmu)) {
      if (name.startsWith('.')) await follow(new URL(name, url))
      else if (!name.startsWith('node:')) packages.add(name)
    }
  }
  await follow(start)
  expect(seen.size).toBeGreaterThan(15)
  return [...packages].sort()
}
