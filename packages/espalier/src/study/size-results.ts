/** What `results.json` holds of packed models, and of large and sparse against small and dense ones. */
import { z } from 'zod'

export const packedSchema = z.object({
  values: z.string().describe('how weights are written'),
  bytes: z.number().int().describe('of the packed file'),
  bleu: z
    .object({ score: z.number(), low: z.number(), high: z.number() })
    .describe('of the packed model on all test sets together, with the 95 % interval of the bootstrap'),
  memory: z.number().int().describe("bytes of the runtime's memory, in Node, after all test sets were translated"),
  wordsPerSecond: z
    .number()
    .optional()
    .describe('target words that the runtime translates in Node on one thread, all models in turns; of the first seed'),
  browser: z
    .object({
      wordsPerSecond: z.number().describe('in a web page, on one thread, all models in turns'),
      memory: z
        .number()
        .int()
        .describe("bytes of the page's process, or of WebAssembly's memory where that is not known"),
    })
    .optional()
    .describe('as bench/browser.js measured it; of the first seed'),
})
export type PackedResult = z.infer<typeof packedSchema>

export const packedSummarySchema = packedSchema.pick({ values: true, wordsPerSecond: true, browser: true }).extend({
  bytes: z.number().describe('mean over the seeds, as are all that follow'),
  memory: z.number(),
  bleu: z.object({ mean: z.number(), deviation: z.number().optional().describe('standard deviation') }),
})

export const sizePairSchema = z.object({
  share: z.number().describe('of its weights that the large model was to keep'),
  sparse: z.string().describe('experiment of the large model'),
  small: z.string().describe('experiment of the small one'),
  weights: z
    .object({ sparse: z.number().int(), small: z.number().int() })
    .describe('that the large model keeps, and that the small one has; biases do not count'),
  hidden: z.number().int().describe('units of the small model'),
  secondsPerEpoch: z
    .object({ dense: z.number(), sparse: z.number(), small: z.number() })
    .describe('of training, measured in turns: of the large model before and after pruning, and of the small one'),
  budgets: z
    .array(
      z.object({
        seed: z.number().int(),
        seconds: z.number().describe('that training, pruning and retraining of the large model take at these speeds'),
        epochs: z.number().int().describe('of the small model that fit into as many seconds'),
      }),
    )
    .describe('by seed'),
})
export type SizePair = z.infer<typeof sizePairSchema>
