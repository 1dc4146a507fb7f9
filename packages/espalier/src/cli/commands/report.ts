/** `report`: what it is called and takes. */
import { Command } from 'commander'
import { addJson, type JsonFlag } from '../option-groups.ts'

export interface ReportFlags extends JsonFlag {
  readonly out?: string
}

const EXAMPLE = `
Examples:
  espalier report study
  espalier report Multi30k=runs/multi30k Help=runs/help --out claims.html
`

export function reportCommand(): Command {
  const command = new Command('report')
    .summary("draw a study's report again, or compare several studies")
    .description(
      "Of one study: writes its report.html and figures/ again from its results.json, which is all it needs. Of several: a table of claims and studies, and with --out a page with each study's evidence.",
    )
    .argument('<study...>', 'directories that hold a results.json; NAME=DIRECTORY names a column')
    .option('--out <file>', 'write the answers of all studies as a page')
    .addHelpText('after', EXAMPLE)
  return addJson(command, 'the answers')
}
