/** What a study found, as `results.json` holds it. */
import { z } from 'zod'
import { layerLossesSchema } from './layer-results.ts'
import { provenanceSchema } from './provenance.ts'
import { packedSchema, packedSummarySchema, sizePairSchema } from './size-results.ts'
import { rareWordsSchema } from './word-results.ts'

/** The version of this schema. A file of another is refused: it is made again from what the study has built and measured. */
export const RESULTS_FORMAT = 2

const interval = z.object({ score: z.number(), low: z.number(), high: z.number() })
const spread = z.object({
  mean: z.number().describe('over the seeds'),
  deviation: z.number().optional().describe('standard deviation over the seeds; none of one seed'),
})
const estimate = z.object({ ...spread.shape, low: z.number(), high: z.number() })
const difference = z.object({ difference: z.number(), low: z.number(), high: z.number(), pValue: z.number() })
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
const group = z.enum(['baseline', 'control', 'pruned', 'retrained', 'schedule', 'scratch', 'small', 'layer'])
const experiment = {
  id: z.string().describe('of the experiment; the same for all seeds'),
  group,
  name: z.string().describe('scheme of a pruned model, name of a schedule'),
  fraction: z.number().describe('asked for'),
}
const size = {
  sparsity: z.number().describe('share of the prunable weights that is zero'),
  weights: z.number(),
  kept: z.number(),
  bytes: z.number().describe('4 for each kept weight and bias, and one bit for each prunable weight of a pruned model'),
}
const model = z.object({
  ...experiment,
  seed: z.number().int().describe('of the dense model that it comes from, and of its own training'),
  ...size,
  bleu: interval.describe('of all test sets together, with the 95 % interval of the bootstrap'),
  chrf: z.number(),
  ter: z.number(),
  perplexity: z.number().describe('of all test sets together'),
  validPerplexity: z.number(),
  trainPerplexity: z.number().describe('of a fixed sample of the training pairs, without dropout'),
  wordsPerSecond: z.number().describe('target words translated a second, as measured while the study ran'),
  tests: z
    .array(z.object({ name: z.string(), bleu: z.number(), chrf: z.number(), ter: z.number() }))
    .describe('each test set by itself'),
  classes: z.array(classReport).describe('what pruning took from each class'),
  packed: packedSchema.optional().describe('as a packed file, of a model that was trained'),
  directory: z.string().optional().describe('of a model that was trained, from the study on'),
  epochs: z.array(epoch).describe('of its last training; empty where nothing was trained'),
})
const failure = z.object({
  ...experiment,
  seed: z.number().int(),
  reason: z.string().describe('did not train: …'),
})
const summary = z.object({
  ...experiment,
  seeds: z.array(z.number().int()).describe('whose models are in here: those that trained'),
  ...size,
  bleu: estimate.describe(
    'of all test sets together; 95 % intervals of the hierarchical bootstrap of seeds and sentences',
  ),
  chrf: spread,
  ter: spread,
  perplexity: spread,
  validPerplexity: spread,
  trainPerplexity: spread,
  wordsPerSecond: spread,
  tests: z.array(z.object({ name: z.string(), bleu: estimate, chrf: spread, ter: spread })),
  packed: packedSummarySchema.optional().describe('as packed files'),
  fromDense: difference.optional().describe('BLEU minus that of the unpruned models of the same seeds'),
})
const claim = z.object({
  number: z.number().int(),
  claim: z.string(),
  verdict: z.enum(['holds', 'does not hold', 'undecided']),
  evidence: z.string(),
})

export const resultsSchema = z.object({
  format: z.literal(RESULTS_FORMAT),
  complete: z.boolean().describe('whether every experiment of the study is in here'),
  data: z.string().describe('digest of the training text'),
  configuration: z.unknown(),
  seeds: z.array(z.number().int()).min(1),
  tests: z.array(z.object({ name: z.string(), sentences: z.number().int() })).min(1),
  signature: z.string().describe('of BLEU'),
  seconds: z
    .object({ training: z.number(), translating: z.number(), perplexity: z.number(), other: z.number() })
    .describe('what the study has taken so far, by what it did'),
  models: z.array(model).describe('one for each experiment and seed'),
  failures: z.array(failure).describe('experiments that have no model because their training diverged'),
  summaries: z.array(summary).describe('one for each experiment, over its seeds'),
  comparisons: z
    .array(
      z.object({
        better: z.string(),
        than: z.string(),
        ...difference.shape,
        seeds: z.array(z.number().int()).describe('that both have'),
      }),
    )
    .describe('BLEU of `better` minus that of `than`, hierarchical paired bootstrap'),
  analysed: z.number().int().describe('the seed whose models sensitivity, breakdown and distributions are of'),
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
    .array(
      z.object({
        seed: z.number().int(),
        fraction: z.number(),
        gates: z.array(
          z.object({ tensor: z.string(), layer: z.string(), gate: z.string(), half: z.string(), kept: z.number() }),
        ),
        pictures: z
          .array(
            z.object({
              tensor: z.string(),
              rows: z.number().int(),
              columns: z.number().int(),
              cells: z.array(z.array(z.number())).describe('share kept of the cells that the matrix is divided in'),
            }),
          )
          .describe('of the first seed'),
      }),
    )
    .describe('where the weights lie that class-blind pruning keeps, for each seed'),
  layers: z.array(layerLossesSchema).optional().describe('each recurrent layer pruned alone, for each seed'),
  rareWords: z.array(rareWordsSchema).optional().describe("what is kept of words' weights, for each seed"),
  distributions: z
    .object({
      limit: z
        .number()
        .describe('the bins are equal and reach from -limit to limit; what lies outside is in the outermost'),
      histograms: z.array(z.object({ model: z.string(), name: z.string(), counts: z.array(z.number().int()) })),
    })
    .optional()
    .describe('weights that are not zero, by model and class'),
  sizes: z
    .array(sizePairSchema)
    .optional()
    .describe('large and sparse models, and the small and dense one that each is compared with'),
  browser: z.string().optional().describe('in which packed models were measured'),
  samples: z
    .array(
      z.object({
        source: z.string(),
        reference: z.string(),
        translations: z.array(z.object({ model: z.string(), text: z.string() })),
      }),
    )
    .optional()
    .describe('some test sentences and their translations, where the configuration asks for them; of the first seed'),
  made: provenanceSchema.optional().describe('where the numbers come from'),
  claims: z.array(claim),
})
export type StudyResults = z.infer<typeof resultsSchema>
export type ModelResult = z.infer<typeof model>
export type Failure = z.infer<typeof failure>
export type Summary = z.infer<typeof summary>
export type Comparison = StudyResults['comparisons'][number]
export type Seconds = StudyResults['seconds']
export type Claim = z.infer<typeof claim>

/** The retrained model that figures show: the first of at least 80 %, or else the first. */
export function representativeRetrained<T extends Pick<ModelResult, 'group' | 'fraction'>>(
  models: readonly T[],
): T | undefined {
  const retrained = models.filter(({ group }) => group === 'retrained')
  return retrained.find(({ fraction }) => fraction >= 0.8) ?? retrained[0]
}
