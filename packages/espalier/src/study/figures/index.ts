/** All figures of a study that its numbers allow. */
import type { Figure } from '../drawing.ts'
import type { StudyResults } from '../results.ts'
import { breakdownFigure } from './breakdown.ts'
import { distributionsFigure } from './distributions.ts'
import { largestFigure } from './largest-weight.ts'
import { layersFigures } from './layers.ts'
import { lossesFigure } from './losses.ts'
import { paretoFigures } from './pareto.ts'
import { rareWordsFigures } from './rare-words.ts'
import { retrainingFigure } from './retraining.ts'
import { schedulesFigure } from './schedules.ts'
import { schemesFigure } from './schemes.ts'
import { sensitivityFigure } from './sensitivity.ts'
import { survivingWeightsFigures } from './surviving-weights.ts'

export function studyFigures(results: StudyResults): Figure[] {
  const mean = results.summaries.find(({ id }) => id === 'dense')
  const dense = results.models.find(({ id, seed }) => id === 'dense' && seed === results.analysed)
  if (!mean || !dense) return []
  return [
    schemesFigure(results, mean),
    retrainingFigure(results, mean),
    ...schedulesFigure(results, mean),
    breakdownFigure(results, dense),
    largestFigure(results, dense),
    sensitivityFigure(results, dense),
    ...layersFigures(results),
    ...lossesFigure(results, dense),
    ...distributionsFigure(results),
    ...paretoFigures(results),
    ...rareWordsFigures(results),
    ...survivingWeightsFigures(results),
  ]
}
