/** Which weights pruning removes: the options of `prune`, checked by a schema. */
import { z } from 'zod'
import { SCHEMES, type Scheme } from '../pruning/prune.ts'

/** Which weights go: what `prune` has as options. */
export const selectionSchema = z.strictObject({
  scheme: z.enum(Object.keys(SCHEMES) as [Scheme, ...Scheme[]]).default('class-blind'),
  fraction: z.number().min(0).lt(1).default(0.8).describe('of all weights'),
  block: z.string().default('1x1').describe('rows x columns that go together, as in 1x8'),
  pattern: z.string().optional().describe('N:M, as in 2:4: N kept of each M of a row'),
  only: z.array(z.string()).optional().describe('classes to prune; default: all'),
  except: z.array(z.string()).optional().describe('classes to leave as they are'),
  seed: z.number().int().default(1).describe('of random pruning'),
})
