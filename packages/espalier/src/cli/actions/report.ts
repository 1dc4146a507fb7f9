/** `report`: a study's report drawn again, and the answers of several studies side by side. */
import { basename, resolve } from 'node:path'
import { UserError } from '@espalier/runtime'
import { writeComparison, writeReport } from '../../study/report/index.ts'
import { type NamedStudy, shortClaim, verdictsByClaim } from '../../study/report/several.ts'
import { readResults } from '../../study/results-file.ts'
import type { ReportFlags } from '../commands/report.ts'
import { print, printJson, table } from '../output.ts'

export async function reportAction(words: readonly string[], { out, json }: ReportFlags): Promise<void> {
  const places = words.map(studyPlace)
  const twice = places.find(({ name }, i) => places.findIndex(place => place.name === name) < i)
  if (twice)
    throw new UserError(
      'usage',
      `two studies are called ${twice.name}; name them: FIRST=${places[0].directory} SECOND=${twice.directory}`,
    )
  const studies: NamedStudy[] = []
  for (const { name, directory } of places) studies.push({ name, results: await readResults(directory) })
  const [first] = studies
  const path =
    out !== undefined
      ? await writeComparison(out, studies)
      : studies.length === 1
        ? await writeReport(places[0].directory, first.results)
        : undefined
  if (json) return printJson({ studies: studies.map(({ name, results }) => ({ name, claims: results.claims })), path })
  const rows = verdictsByClaim(studies).map(({ claim, verdicts }) => [
    `${claim.number}. ${shortClaim(claim)}`,
    ...verdicts.map(verdict => verdict ?? '-'),
  ])
  print(table(['claim', ...studies.map(({ name }) => name)], rows))
  if (path !== undefined) print(`report: ${path}`)
}

/** `NAME=DIRECTORY`, or a directory, which is then called by its last part. */
function studyPlace(word: string): { name: string; directory: string } {
  const [, name, directory] = word.match(/^([^=/\\]+)=(.+)$/su) ?? []
  return name && directory ? { name, directory } : { name: basename(resolve(word)), directory: word }
}
