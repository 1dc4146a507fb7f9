/** The section `layers` of a study's results: what each recurrent layer loses when it is pruned alone. */
import { z } from 'zod'

const layerPoint = z.object({
  layer: z.string().describe('its weight class'),
  stack: z.enum(['encoder', 'decoder']),
  depth: z.number().int().describe('from 1, the layer that reads the embeddings'),
  gate: z.string().optional().describe('where one gate alone is pruned'),
  half: z.string().optional().describe('where its weights of one half alone are: input or recurrent'),
  by: z
    .enum(['fraction', 'threshold'])
    .describe('pruned to the fraction `level`, or below the magnitude that prunes all layers together to it'),
  level: z.number(),
  pruned: z.number().describe('share of the weights that went'),
  largestPruned: z.number().describe('the largest |w| that went'),
  norm: z.number().describe('Euclidean norm of all that went'),
  perplexity: z.number().describe('of the validation text'),
})
export type LayerPoint = z.infer<typeof layerPoint>

export const layerLossesSchema = z.object({
  seed: z.number(),
  perplexity: z.number().describe('of the validation text, by the unpruned model'),
  points: z.array(layerPoint),
})
/** Of one seed's model. */
export type LayerLosses = z.infer<typeof layerLossesSchema>
