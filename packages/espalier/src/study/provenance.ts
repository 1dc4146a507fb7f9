/** Where a study's numbers come from: the program's version, the machine, the command, and how long it took. */
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { z } from 'zod'
import { VERSION } from '../version.ts'

export const provenanceSchema = z.object({
  version: z.string().describe('of espalier'),
  node: z.string(),
  processor: z.string(),
  cores: z.number().int(),
  memory: z.number().describe('of the machine, bytes'),
  system: z.string(),
  threads: z.number().int().optional().describe('that it was told to use; default: all cores'),
  command: z.string().optional(),
  date: z.string().describe('on which these results were put together'),
})
export type Provenance = z.infer<typeof provenanceSchema>

export interface Work {
  readonly command?: string
  readonly threads?: number
}

/** What can be said of work done now, on this machine. */
export function provenance({ command, threads }: Work): Provenance {
  const processors = cpus()
  return {
    version: VERSION,
    node: process.versions.node,
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
    ...(threads !== undefined && { threads }),
    ...(command !== undefined && { command }),
    date: new Date().toISOString().slice(0, 10),
  }
}
