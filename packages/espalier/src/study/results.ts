/** What a study found, as `results.json` holds it. */
import { z } from 'zod'

const interval = z.object({ score: z.number(), low: z.number(), high: z.number() })
const classReport = z.object({
  name: z.string(),
  weights: z.number().int(),
  pruned: z.number().int(),
  largestPruned: z.number(),
})
const epoch = z.object({
  epoch: z.number(),
  step: z.number(),
  learningRate: z.number(),
  trainPerplexity: z.number(),
  validPerplexity: z.number(),
  sparsity: z.number(),
  losses: z
    .array(z.number())
    .readonly()
    .describe('mean -log p of a target word in training, of each tenth of the epoch'),
})
const model = z.object({
  id: z.string(),
  group: z.enum(['baseline', 'control', 'pruned', 'retrained', 'schedule', 'scratch']),
  name: z.string().describe('scheme of a pruned model, name of a schedule'),
  fraction: z.number().describe('asked for'),
  sparsity: z.number().describe('share of the prunable weights that is zero'),
  weights: z.number().int(),
  kept: z.number().int(),
  bytes: z.number().describe('4 for each kept weight and bias, and one bit for each prunable weight of a pruned model'),
  bleu: interval.describe('with the 95 % interval of the bootstrap'),
  chrf: z.number(),
  ter: z.number(),
  perplexity: z.number().describe('of the test text'),
  validPerplexity: z.number(),
  wordsPerSecond: z.number().describe('target words translated a second, as measured while the study ran'),
  pValue: z.number().optional().describe('of the difference in BLEU from the baseline, paired bootstrap'),
  classes: z.array(classReport).describe('what pruning took from each class'),
  directory: z.string().optional().describe('of a model that was trained, from the study on'),
  epochs: z.array(epoch).describe('of its last training; empty where nothing was trained'),
})
const claim = z.object({
  number: z.number().int(),
  claim: z.string(),
  verdict: z.enum(['holds', 'does not hold', 'undecided']),
  evidence: z.string(),
})

export const resultsSchema = z.object({
  format: z.literal(1),
  complete: z.boolean().describe('whether every experiment of the study is in here'),
  data: z.string().describe('digest of the training text'),
  configuration: z.unknown(),
  sentences: z.number().int(),
  signature: z.string().describe('of BLEU'),
  models: z.array(model),
  comparisons: z
    .array(z.object({ better: z.string(), than: z.string(), difference: z.number(), pValue: z.number() }))
    .describe('BLEU of `better` minus that of `than`, paired bootstrap'),
  sensitivity: z.array(
    z.object({
      name: z.string(),
      fraction: z.number(),
      perplexity: z.number(),
      bleu: z.number().optional(),
      largestPruned: z.number(),
    }),
  ),
  breakdown: z
    .array(
      z.object({
        scheme: z.string(),
        name: z.string(),
        fraction: z.number().describe('that the scheme takes from this class'),
        perplexity: z.number().describe('with this class alone pruned'),
        largestPruned: z.number(),
      }),
    )
    .describe('the schemes at one fraction of all weights, each class pruned alone'),
  redundancy: z
    .object({
      fraction: z.number(),
      embeddings: z
        .array(z.object({ name: z.string(), from: z.number().int(), to: z.number().int(), kept: z.number() }))
        .describe('share kept of rows from..to, by frequency of the word'),
      gates: z.array(
        z.object({ tensor: z.string(), layer: z.string(), gate: z.string(), half: z.string(), kept: z.number() }),
      ),
      pictures: z.array(
        z.object({
          tensor: z.string(),
          rows: z.number().int(),
          columns: z.number().int(),
          cells: z.array(z.array(z.number())).describe('share kept of the cells that the matrix is divided in'),
        }),
      ),
    })
    .optional(),
  distributions: z
    .object({
      limit: z
        .number()
        .describe('the bins are equal and reach from -limit to limit; what lies outside is in the outermost'),
      histograms: z.array(z.object({ model: z.string(), name: z.string(), counts: z.array(z.number().int()) })),
    })
    .optional()
    .describe('weights that are not zero, by model and class'),
  claims: z.array(claim),
})
export type StudyResults = z.infer<typeof resultsSchema>
export type ModelResult = z.infer<typeof model>
export type Claim = z.infer<typeof claim>

/** The retrained model that figures show: the first of at least 80 %, or else the first. */
export function representativeRetrained<T extends Pick<ModelResult, 'group' | 'fraction'>>(
  models: readonly T[],
): T | undefined {
  const retrained = models.filter(({ group }) => group === 'retrained')
  return retrained.find(({ fraction }) => fraction >= 0.8) ?? retrained[0]
}
