/** A figure's numbers as a CSV file (RFC 4180), which spreadsheets and statistics programs read. */
import type { Row } from '../drawing.ts'

/** Rows under the names of all their columns, in the order in which they first occur. */
export function csv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const lines = rows.map(row => columns.map(column => field(row[column])).join(','))
  return `${[columns.map(field).join(','), ...lines].join('\r\n')}\r\n`
}

function field(value: string | number | undefined): string {
  // A double has up to 17 figures, and no measurement here has more than six that say something.
  const text = typeof value === 'number' ? String(Number(value.toPrecision(8))) : (value ?? '')
  return /[",\r\n]/u.test(text) ? `"${text.replace(/"/gu, '""')}"` : text
}
