/** Settings of a training that is resumed: what differs, and what may. */
import { UserError } from '@espalier/runtime'
import type { TrainingConfig } from '../configuration/training.ts'

/** Settings that do not touch what a checkpoint holds or which batch comes next. */
export const CHANGEABLE = [
  'learningRate',
  'decay',
  'decayFrom',
  'decayEvery',
  'epochs',
  'patience',
  'tolerance',
  'maxGradientNorm',
  'dropout',
  'labelSmoothing',
  'checkpointEvery',
  'snapshots',
  'backend',
] as const satisfies readonly (keyof TrainingConfig)[]

/** Changed settings by key: the value before and the value from now on. */
export type SettingChanges = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

/** The settings that differ. */
export function settingChanges(from: object, to: object): SettingChanges {
  const [before, after] = [new Map(Object.entries(from)), new Map(Object.entries(to))]
  const keys = [...new Set([...before.keys(), ...after.keys()])]
  const differs = (key: string) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key))
  return Object.fromEntries(keys.filter(differs).map(key => [key, { from: before.get(key), to: after.get(key) }]))
}

/** Changes as people read them: `training.epochs from 2 to 4`. */
export function describeChanges(changes: SettingChanges, section = 'training'): string {
  const value = (x: unknown) => (x === undefined ? 'none' : JSON.stringify(x))
  return Object.entries(changes)
    .map(([key, { from, to }]) => `${section}.${key} from ${value(from)} to ${value(to)}`)
    .join(', ')
}

/** @throws UserError `not-changeable` naming the settings with which a training cannot go on */
export function checkChangeable(changes: SettingChanges, section = 'training'): void {
  const fixed = Object.entries(changes).filter(
    ([key]) => section !== 'training' || !(CHANGEABLE as readonly string[]).includes(key),
  )
  if (fixed.length > 0)
    throw new UserError(
      'not-changeable',
      `--resume cannot change ${describeChanges(Object.fromEntries(fixed), section)}: leave that out, or train anew in ` +
        `another --out (what can change: ${CHANGEABLE.map(key => `training.${key}`).join(', ')})`,
    )
}
