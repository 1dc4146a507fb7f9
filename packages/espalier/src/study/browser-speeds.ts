/** What `bench/browser.js` measured of a study's packed models in a web page: `browser.json` beside the results. */
import { readFile } from 'node:fs/promises'
import { UserError } from '@espalier/runtime'
import { z } from 'zod'
import { describeIssue } from '../configuration/issues.ts'
import { parseJson } from '../storage/json.ts'
import { exists } from '../storage/paths.ts'

const measurementSchema = z.object({
  browser: z.string().describe('name and version'),
  start: z.array(z.object({ system: z.string(), bytes: z.number() })),
  memory: z.array(
    z.object({ system: z.string(), afterAll: z.object({ wasm: z.number(), privateNow: z.number().optional() }) }),
  ),
  speeds: z.array(z.object({ system: z.string(), beam: z.number(), batchSize: z.number(), median: z.number() })),
})

/** Of one packed model. */
export interface BrowserSpeed {
  /** Of its file: a file of another size is another model. */
  readonly bytes: number
  readonly wordsPerSecond: number
  /** Bytes of the page's process that no other shares, where the operating system says it; else of WebAssembly's memory. */
  readonly memory: number
}

export interface BrowserMeasurement {
  readonly browser: string
  /** By the name of the file, without its ending. */
  readonly models: ReadonlyMap<string, BrowserSpeed>
}

const ENDING = '.espalier'

/**
 * @param setting whose speeds are of interest
 * @returns undefined where there is no such file
 * @throws UserError `damaged-file` where it is another file, or has no speeds of this setting
 */
export async function readBrowserSpeeds(
  path: string,
  { beam, batchSize }: { readonly beam: number; readonly batchSize: number },
): Promise<BrowserMeasurement | undefined> {
  if (!(await exists(path))) return undefined
  const value = parseJson(await readFile(path, 'utf8'), path)
  const parsed = measurementSchema.safeParse(value)
  if (!parsed.success) throw new UserError('damaged-file', `${path}: ${describeIssue(parsed.error, value)}`)
  const { browser, start, memory, speeds } = parsed.data
  const models = new Map<string, BrowserSpeed>()
  for (const { system, median } of speeds.filter(speed => speed.beam === beam && speed.batchSize === batchSize)) {
    const bytes = start.find(each => each.system === system)?.bytes
    const held = memory.find(each => each.system === system)?.afterAll
    if (bytes === undefined || held === undefined || !system.endsWith(ENDING)) continue
    const mebibytes = held.privateNow ?? held.wasm
    models.set(system.slice(0, -ENDING.length), {
      bytes,
      wordsPerSecond: median,
      memory: Math.round(mebibytes * 2 ** 20),
    })
  }
  if (models.size === 0)
    throw new UserError(
      'damaged-file',
      `${path} has no speed of a packed model with --beams ${beam} --batches ${batchSize}: measure with these`,
    )
  return { browser, models }
}
