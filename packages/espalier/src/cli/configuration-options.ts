/** What --preset, --config and --set make of a configuration. */
import { readFile } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import { parse as parseYaml } from 'yaml'
import { type Configuration, parseConfiguration } from '../configuration/configuration.ts'
import { nearest } from '../configuration/nearest.ts'
import { PRESETS, type PresetName } from '../configuration/presets.ts'
import { parseStudy, type StudyConfiguration } from '../study/configuration.ts'
import { parseSchedule, type Schedule } from '../study/schedule.ts'
import type { ConfigurationFlags } from './option-groups.ts'

type Draft = Record<string, Record<string, unknown>>

/** All sections of a configuration file; each command takes those that are its own. */
export interface ConfigurationFile {
  readonly configuration: Configuration
  readonly study: StudyConfiguration
  readonly schedule: Schedule
}

/** What a preset, a file and single settings make, the later ones overriding the earlier; all of it checked. */
export async function readConfiguration(
  flags: ConfigurationFlags,
  more: Record<string, Record<string, unknown>> = {},
): Promise<ConfigurationFile> {
  const draft = presetDraft(flags.preset ?? 'small')
  if (flags.config) {
    const { preset, ...file } = await readYamlFile(flags.config)
    if (preset !== undefined) Object.assign(draft, presetDraft(String(preset)))
    for (const [section, values] of Object.entries(file)) draft[section] = { ...draft[section], ...(values as object) }
  }
  applySettings(draft, flags.set ?? [])
  for (const [section, values] of Object.entries(more)) draft[section] = { ...draft[section], ...values }
  const name = flags.config ?? `preset ${flags.preset ?? 'small'}`
  const origin = flags.set?.length ? `${name} with --set` : name
  const { study = {}, schedule = {}, ...rest } = draft
  return {
    configuration: parseConfiguration(rest, origin),
    study: parseStudy(study, origin),
    schedule: parseSchedule(schedule, origin),
  }
}

function presetDraft(name: string): Draft {
  if (!Object.hasOwn(PRESETS, name))
    throw new UserError(
      'unknown-preset',
      `--preset ${name}: there is none of that name; did you mean ${nearest(name, Object.keys(PRESETS))}? (${Object.keys(PRESETS).join(', ')})`,
    )
  return structuredClone(PRESETS[name as PresetName]) as unknown as Draft
}

/** A YAML file's record. @throws UserError `missing-file`, `invalid-yaml` */
export async function readYamlFile(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UserError('missing-file', `${path}: no such file`)
  })
  try {
    const parsed: unknown = parseYaml(text)
    if (parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed))
      return parsed as Record<string, unknown>
  } catch (error) {
    throw new UserError('invalid-yaml', `${path}: ${(error as Error).message}`)
  }
  throw new UserError('invalid-yaml', `${path}: wanted are names with values, as YAML writes them`)
}

/** Applies `section.key=value` settings; values are YAML. */
export function applySettings(draft: Draft, settings: readonly string[]): void {
  for (const setting of settings) {
    const match = /^(\w+)\.(\w+)=(.*)$/u.exec(setting)
    if (!match)
      throw new UserError('invalid-setting', `--set ${setting}: wanted is section.key=value, as in training.epochs=4`)
    const [, section, key, value] = match
    draft[section] = { ...draft[section], [key]: parseYaml(value) as unknown }
  }
}
