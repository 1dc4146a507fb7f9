/** `study`: the paper's claims on one's own data. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import type { Command } from 'commander'
import type { TestText } from '../../study/evaluator.ts'
import { readResults, writeReport } from '../../study/report.ts'
import { runStudy } from '../../study/study.ts'
import { sameCommand } from '../command-line.ts'
import type { StudyFlags } from '../commands/study.ts'
import { readConfiguration } from '../configuration-options.ts'
import { interruptible } from '../interrupt.ts'
import { note, printJson } from '../output.ts'
import { readParallel } from '../parallel-text.ts'
import { printStudy, studyProgress } from '../show-study.ts'

export async function studyAction(data: string, flags: StudyFlags, self: Command): Promise<void> {
  const { configuration, study } = await readConfiguration(flags)
  const test = await testText(flags)
  const { out, baseline, update, threads } = flags
  const options = { data, out, configuration, study, test, baseline, update, threads, events: studyProgress() }
  const results = await interruptible({
    onInterrupt: 'interrupted: stopping where it can go on',
    again: sameCommand(self),
    work: signal => runStudy({ ...options, signal }),
  })
  // Of an unfinished study, too: what there is can be looked at.
  const report = existsSync(join(out, 'results.json')) ? await writeReport(out, await readResults(out)) : undefined
  if (report !== undefined) note(`report: ${report}`)
  if (results === undefined) return
  if (flags.json) printJson(results)
  else printStudy(results)
}

async function testText({ testSource, testReference }: StudyFlags): Promise<TestText | undefined> {
  if (testSource === undefined && testReference === undefined) return undefined
  if (testSource === undefined || testReference === undefined)
    throw new UserError('usage', '--test-source and --test-reference go together')
  return readParallel(testSource, testReference)
}
