/** `study`: the paper's claims on one's own data. */
import { existsSync } from 'node:fs'
import { UserError } from '@espalier/runtime'
import type { Command } from 'commander'
import { parseConfiguration } from '../../configuration/configuration.ts'
import { parseStudy } from '../../study/configuration.ts'
import { writeReport } from '../../study/report/index.ts'
import { readResults, resultsPath } from '../../study/results-file.ts'
import { runStudy } from '../../study/study.ts'
import { checkTestSets, type TestSet, UNNAMED_TEST } from '../../study/test-sets.ts'
import { sameCommand } from '../command-line.ts'
import type { StudyFlags } from '../commands/study.ts'
import { readConfiguration } from '../configuration-options.ts'
import { interruptible } from '../interrupt.ts'
import { note, printJson } from '../output.ts'
import { readParallel } from '../parallel-text.ts'
import { backendSettings } from '../settings.ts'
import { printStudy, studyProgress } from '../show-study.ts'

export async function studyAction(data: string, flags: StudyFlags, self: Command): Promise<void> {
  const { configuration, study } = await readStudy(flags)
  const tests = await testSets(flags)
  const { out, baseline, update, threads } = flags
  const command = sameCommand(self)
  const events = studyProgress()
  const options = { data, out, configuration, study, tests, baseline, update, threads, command, events }
  const results = await interruptible({
    onInterrupt: 'interrupted: stopping where it can go on',
    again: command,
    work: signal => runStudy({ ...options, signal }),
  })
  // Of an unfinished study, too: what there is can be looked at.
  const report = existsSync(resultsPath(out)) ? await writeReport(out, await readResults(out)) : undefined
  if (report !== undefined) note(`report: ${report}`)
  if (results === undefined) return
  if (flags.json) printJson(results)
  else printStudy(results)
}

/** @throws UserError for what the study would not obey */
async function readStudy(flags: StudyFlags) {
  const reader = { command: 'study', sections: ['model', 'training', 'study'] }
  // A baseline is trained already: what is left to train are its retrained models.
  const path = flags.baseline === undefined ? ['training', 'backend'] : ['study', 'retraining', 'backend']
  const { sections, origin } = await readConfiguration(flags, reader, backendSettings(flags.backend, path))
  const { model, training, gradual, study = {} } = sections
  if (gradual !== undefined)
    throw new UserError(
      'other-section',
      `${flags.config}: a study trains its model without pruning, so it has no use for gradual; ` +
        'leave the section out, or name a schedule of method gradual in study.schedules',
    )
  const ofModel = flags.set?.find(setting => !setting.startsWith('study.'))
  if (flags.baseline !== undefined && (flags.preset !== undefined || ofModel !== undefined))
    throw new UserError(
      'usage',
      `${flags.preset === undefined ? `--set ${ofModel}` : `--preset ${flags.preset}`} would do nothing: --baseline is trained already`,
    )
  return { configuration: parseConfiguration({ model, training }, origin), study: parseStudy(study, origin) }
}

/** @throws UserError for sets that are not two texts of one length, and for names that come twice */
async function testSets({ test = [], testSource, testReference }: StudyFlags): Promise<TestSet[] | undefined> {
  if ((testSource === undefined) !== (testReference === undefined))
    throw new UserError('usage', '--test-source and --test-reference go together')
  const sets: TestSet[] = []
  if (testSource !== undefined && testReference !== undefined)
    sets.push({ name: UNNAMED_TEST, ...(await readParallel(testSource, testReference)) })
  for (const value of test) {
    const [, name, source, reference] = /^([^=]+)=([^,]+),([^,]+)$/u.exec(value) ?? []
    if (name === undefined)
      throw new UserError('usage', `--test ${value}: it has to be a name and two files, as in 2016=test.en,test.de`)
    sets.push({ name, ...(await readParallel(source, reference)) })
  }
  if (sets.length === 0) return undefined
  checkTestSets(sets)
  return sets
}
