/** `metrics.jsonl`: what training measured, a line each epoch. */
import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '@espalier/runtime'
import { exists } from '../storage/paths.ts'
import type { EpochMetrics } from '../training/metrics.ts'

const metricsPath = (directory: string) => join(directory, 'metrics.jsonl')

/** The lines of a model's `metrics.jsonl`. @throws UserError `damaged-file` naming the line */
export async function readMetrics(directory: string): Promise<EpochMetrics[]> {
  const path = metricsPath(directory)
  const lines = (await readFile(path, 'utf8')).split('\n').filter(Boolean)
  return lines.map((line, i) => {
    try {
      return JSON.parse(line) as EpochMetrics
    } catch {
      throw new UserError('damaged-file', `${path}: line ${i + 1} is not JSON`)
    }
  })
}

/** Adds a line. @returns the file's size in bytes */
export async function appendMetrics(directory: string, metrics: EpochMetrics): Promise<number> {
  const path = metricsPath(directory)
  await appendFile(path, `${JSON.stringify(metrics)}\n`)
  return (await stat(path)).size
}

/** Cuts the file to a size in bytes, as after a crash; makes it where it is missing. */
export async function truncateMetrics(directory: string, bytes: number): Promise<void> {
  const path = metricsPath(directory)
  if (await exists(path)) await truncate(path, bytes)
  else await writeFile(path, '')
}
