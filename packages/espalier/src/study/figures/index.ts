/** All figures of a study that its numbers allow. */
import type { Figure } from '../drawing.ts'
import type { StudyResults } from '../results.ts'
import { breakdownFigure } from './breakdown.ts'
import { distributionsFigure } from './distributions.ts'
import { largestFigure } from './largest-weight.ts'
import { layersFigures } from './layers.ts'
import { lossesFigure } from './losses.ts'
import { measuredModels } from './measured.ts'
import { paretoFigures } from './pareto.ts'
import { rareWordsFigures } from './rare-words.ts'
import { retrainingFigure } from './retraining.ts'
import { schedulesFigure } from './schedules.ts'
import { schemesFigure } from './schemes.ts'
import { sensitivityFigure } from './sensitivity.ts'
import { survivingWeightsFigures } from './surviving-weights.ts'

/** The figure that a report opens with. */
export const HEADLINE = 'retraining'

export function studyFigures(results: StudyResults): Figure[] {
  const models = measuredModels(results)
  const measured = models.find(({ id }) => id === 'dense')
  const dense = results.models.find(({ id, seed }) => id === 'dense' && seed === results.analysed)
  if (!measured || !dense) return []
  return [
    ...retrainingFigure(models, measured),
    ...paretoFigures(results),
    ...schemesFigure(models, measured),
    ...schedulesFigure(models, measured),
    ...layersFigures(results),
    ...sensitivityFigure(results, dense),
    ...breakdownFigure(results, dense),
    ...largestFigure(results, dense),
    ...lossesFigure(results, dense),
    ...distributionsFigure(results),
    ...rareWordsFigures(results),
    ...survivingWeightsFigures(results),
  ]
}
