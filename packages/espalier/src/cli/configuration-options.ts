/** What --preset, --config and --set make of a configuration. */
import { UserError } from '@espalier/runtime'
import { parseConfiguration } from '../configuration/configuration.ts'
import { show } from '../configuration/issues.ts'
import { nearest } from '../configuration/nearest.ts'
import type { Origin } from '../configuration/parse.ts'
import { PRESETS, type PresetName } from '../configuration/presets.ts'
import type { ConfigurationFlags } from './option-groups.ts'
import { applySettings, type Draft, parseSettings, type Reader, SECTION_NAMES, type Setting } from './settings.ts'
import { readYamlFile } from './yaml.ts'

/** Sections that are not checked yet, and where their keys are from. */
export interface ConfigurationDraft {
  readonly sections: Draft
  readonly origin: Origin
}

const DEFAULT_PRESET = 'small'

/**
 * What a preset, a file and single settings make, the later ones overriding the earlier. A file may have sections of other
 * commands, so that one file does for all; they are checked, too.
 * @param settings what other options of the command set
 */
export async function readConfiguration(
  flags: ConfigurationFlags,
  reader: Reader,
  settings: readonly Setting[] = [],
): Promise<ConfigurationDraft> {
  const set = [...parseSettings(flags.set ?? [], reader), ...settings]
  refuseTwice(set, settings)
  const { preset, sections: file } = flags.config === undefined ? { sections: {} } : await readSections(flags.config)
  const name = flags.preset ?? preset ?? DEFAULT_PRESET
  const draft = presetDraft(
    name,
    flags.preset === undefined && preset !== undefined ? `${flags.config}: preset` : '--preset',
  )
  for (const [section, values] of Object.entries(file)) draft[section] = { ...draft[section], ...values }
  const sections = applySettings(draft, set)
  const origin = originOf(set, file, flags.config, name)
  await checkOtherSections(sections, origin, reader)
  return { sections, origin }
}

/**
 * The settings that flags name, and no others: those that a resumed training is to have from now on. A preset and a file count
 * with all that they set.
 */
export async function readChanges(
  flags: ConfigurationFlags,
  reader: Reader,
  settings: readonly Setting[] = [],
): Promise<Draft> {
  const set = [...parseSettings(flags.set ?? [], reader), ...settings]
  refuseTwice(set, settings)
  const { preset, sections: file } = flags.config === undefined ? { sections: {} } : await readSections(flags.config)
  const name = flags.preset ?? preset
  const draft = name === undefined ? {} : presetDraft(name, flags.preset ? '--preset' : `${flags.config}: preset`)
  for (const section of reader.sections)
    if (Object.hasOwn(file, section)) draft[section] = { ...draft[section], ...file[section] }
  return applySettings(draft, set)
}

/** An option and --set must not both decide a key. @throws UserError `usage` */
export function refuseTwice(all: readonly Setting[], options: readonly Setting[]): void {
  for (const { path, option } of options) {
    const twin = all.find(other => other.option !== option && other.path.join('.') === path.join('.'))
    if (twin) throw new UserError('usage', `${option} and ${twin.option} set the same; leave one out`)
  }
}

/** The sections of a file, and the preset that it begins from. */
async function readSections(path: string): Promise<{ preset?: string; sections: Draft }> {
  const { preset, ...rest } = await readYamlFile(path)
  if (preset !== undefined && typeof preset !== 'string')
    throw new UserError('unknown-preset', `${path}: preset is ${show(preset)}; it has to be one of ${presetNames}`)
  const sections: Draft = {}
  for (const [section, values] of Object.entries(rest)) {
    if (!SECTION_NAMES.includes(section))
      throw new UserError(
        'unknown-key',
        `${path}: unknown key ${section}; did you mean ${nearest(section, [...SECTION_NAMES, 'preset'])}? (known: preset, ${SECTION_NAMES.join(', ')})`,
      )
    if (values !== null && (typeof values !== 'object' || Array.isArray(values)))
      throw new UserError(
        'invalid-configuration',
        `${path}: ${section} is ${show(values)}; it has to be keys with values, as in ${section}: {key: value}`,
      )
    sections[section] = { ...values }
  }
  return { preset, sections }
}

const presetNames = Object.keys(PRESETS).join(', ')

/** @param origin the option or file that names the preset */
function presetDraft(name: string, origin: string): Draft {
  if (!Object.hasOwn(PRESETS, name))
    throw new UserError(
      'unknown-preset',
      `${origin} ${name}: there is no preset of that name; did you mean ${nearest(name, Object.keys(PRESETS))}? (${presetNames})`,
    )
  const { model, training } = PRESETS[name as PresetName]
  return { model: { ...model }, training: { ...training } }
}

/** A key is from the last option that set it or something inside or around it, else from the file, else from the preset. */
function originOf(settings: readonly Setting[], file: Draft, config: string | undefined, preset: string): Origin {
  return path => {
    const setting = settings.findLast(({ path: set }) =>
      set.every((step, i) => i >= path.length || step === String(path[i])),
    )
    if (setting) return setting.option
    const [section, key] = path.map(String)
    const inFile =
      section !== undefined && Object.hasOwn(file, section) && (key === undefined || Object.hasOwn(file[section], key))
    return config !== undefined && inFile ? config : `preset ${preset}`
  }
}

async function checkOtherSections(sections: Draft, origin: Origin, reader: Reader): Promise<void> {
  const { study, schedule, ...rest } = sections
  const others = (section: string) => !reader.sections.includes(section)
  if (study && others('study')) (await import('../study/configuration.ts')).parseStudy(study, origin)
  if (schedule && others('schedule')) (await import('../study/schedule.ts')).parseSchedule(schedule, origin)
  if (others('model')) parseConfiguration(rest, origin)
}
