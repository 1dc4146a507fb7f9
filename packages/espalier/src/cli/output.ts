/** What the command line shows: results on standard output, everything else on standard error. */

export { duration } from '../study/format.ts'

export const print = (line = '') => void process.stdout.write(`${line}\n`)
export const note = (line: string) => void process.stderr.write(`${line}\n`)
/** Tells someone who sits at a terminal that the program waits for text: it looks as if nothing happened. */
export function hintAtTerminal(readsStandardInput: boolean): void {
  if (readsStandardInput && process.stdin.isTTY) note('Type a line of text and press Enter; Ctrl-D ends.')
}
export const printJson = (value: unknown) => print(JSON.stringify(value, null, 2))

/** Columns of text under headings; numbers are right-aligned. */
export function table(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [headings, ...rows.map(row => row.map(String))]
  const numeric = headings.map(
    (_, i) =>
      rows.length > 0 && rows.every(row => typeof row[i] === 'number' || /^[\d.,%e×+-]+$/u.test(String(row[i]))),
  )
  const widths = headings.map((_, i) => Math.max(...cells.map(row => row[i].length)))
  return cells
    .map(row =>
      row
        .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export const thousands = (n: number) => Math.round(n).toLocaleString('en-US')

export const percent = (share: number) => `${(100 * share).toFixed(1)}%`
