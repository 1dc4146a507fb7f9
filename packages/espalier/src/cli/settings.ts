/** `--set section.key=value`: single settings, of any depth. */
import { UserError } from '@espalier/runtime'
import { nearest } from '../configuration/nearest.ts'
import { parseYaml } from './yaml.ts'

/** Sections of a configuration with their keys. */
export type Draft = Record<string, Record<string, unknown>>

/** A value for the key at a path, and the option that gave it. */
export interface Setting {
  readonly path: readonly string[]
  readonly value: unknown
  readonly option: string
}

/** The sections that there are, and the command that each is for. */
const SECTIONS: Readonly<Record<string, string>> = {
  model: 'train and study',
  training: 'train, retrain and study',
  gradual: 'train and retrain',
  study: 'study',
  schedule: 'compress',
}
export const SECTION_NAMES = Object.keys(SECTIONS)

/** A command and the sections that it obeys. */
export interface Reader {
  readonly command: string
  readonly sections: readonly string[]
}

/** What `--backend` sets. @param path of the key that says what computes */
export function backendSettings(backend: string | undefined, path = ['training', 'backend']): Setting[] {
  return backend === undefined ? [] : [{ path, value: backend, option: `--backend ${backend}` }]
}

/** Reads settings. @throws UserError `invalid-setting`, `invalid-yaml`, `unknown-key`, `other-section` */
export function parseSettings(texts: readonly string[], reader: Reader): Setting[] {
  return texts.map(text => {
    const option = `--set ${text}`
    const match = /^([\w-]+(?:\.[\w-]+)*)=(.*)$/su.exec(text)
    if (!match)
      throw new UserError('invalid-setting', `${option}: it has to be section.key=value, as in training.epochs=4`)
    const path = match[1].split('.')
    checkSection(path[0], option, reader)
    if (path.length < 2)
      throw new UserError('invalid-setting', `${option} names a section; name one of its keys, as in training.epochs=4`)
    return { path, value: parseYaml(match[2], option), option }
  })
}

/** @throws UserError `unknown-key`, `other-section` */
function checkSection(section: string, option: string, { command, sections }: Reader): void {
  if (sections.includes(section)) return
  const own = `${command} reads ${sections.join(', ')}`
  if (!Object.hasOwn(SECTIONS, section))
    throw new UserError(
      'unknown-key',
      `${option}: there is no section ${section}; did you mean ${nearest(section, sections)}? (${own})`,
    )
  throw new UserError('other-section', `${option}: the section ${section} is for ${SECTIONS[section]}; ${own}`)
}

/** A draft with settings over it; later ones override earlier ones. */
export function applySettings(draft: Draft, settings: readonly Setting[]): Draft {
  return settings.reduce((whole, { path, value }) => setAt(whole, path, value) as Draft, draft)
}

/** A copy with the value at a path. A part of the path that holds no keys is replaced: the schema then refuses the place. */
function setAt(at: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value
  if (Array.isArray(at) && /^\d+$/u.test(key))
    return at.with(Math.min(Number(key), at.length - 1), setAt(at[Number(key)], rest, value))
  const keys = typeof at === 'object' && at !== null && !Array.isArray(at) ? (at as Record<string, unknown>) : {}
  return { ...keys, [key]: setAt(Object.hasOwn(keys, key) ? keys[key] : undefined, rest, value) }
}
