/** Which experiments are compared with each other: class-blind with the other schemes, retrained with trained from scratch. */
import type { StudyConfiguration } from './configuration.ts'
import { level } from './format.ts'

export function comparedPairs({ schemes, levels, scratch }: StudyConfiguration): { better: string; than: string }[] {
  return [
    ...levels.flatMap(fraction =>
      schemes
        .filter(scheme => scheme !== 'class-blind')
        .map(scheme => ({ better: `class-blind-${level(fraction)}`, than: `${scheme}-${level(fraction)}` })),
    ),
    ...scratch.map(fraction => ({ better: `retrained-${level(fraction)}`, than: `scratch-${level(fraction)}` })),
  ]
}
