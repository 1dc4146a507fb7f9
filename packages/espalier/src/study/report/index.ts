/** The report of a study: one page that needs nothing but itself, and the figures as files with their numbers beside them. */
import { join } from 'node:path'
import { markDirectory } from '../../storage/atomic-directory.ts'
import { writeFileAtomic } from '../../storage/atomic-files.ts'
import { type DrawnFigure, drawFigure } from '../drawing.ts'
import { studyFigures } from '../figures/index.ts'
import type { StudyResults } from '../results.ts'
import { csv } from './csv.ts'
import { figureFile } from './figure-file.ts'
import { reportPage } from './page.ts'
import { comparisonPage, type NamedStudy } from './several.ts'

/** Writes the answers of several studies side by side as a page. @returns its path */
export async function writeComparison(path: string, studies: readonly NamedStudy[]): Promise<string> {
  await writeFileAtomic(path, comparisonPage(studies))
  return path
}

/** Writes `report.html` and `figures/` beside a study's results. @returns the page's path */
export async function writeReport(directory: string, results: StudyResults): Promise<string> {
  const drawn: DrawnFigure[] = []
  for (const figure of studyFigures(results)) drawn.push(await drawFigure(figure))
  await markDirectory(join(directory, 'figures'), 'figures')
  for (const each of drawn) {
    const { id, rows } = each.figure
    await writeFileAtomic(join(directory, 'figures', `${id}.svg`), figureFile(each))
    await writeFileAtomic(join(directory, 'figures', `${id}.csv`), csv(rows))
  }
  const path = join(directory, 'report.html')
  await writeFileAtomic(path, reportPage(results, drawn))
  return path
}
