/** `metrics.jsonl`: what training measured, a line each epoch. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochMetrics } from '../training/trainer.ts'

/** The lines of a model's `metrics.jsonl`. */
export async function readMetrics(directory: string): Promise<EpochMetrics[]> {
  const text = await readFile(join(directory, 'metrics.jsonl'), 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line) as EpochMetrics)
}
