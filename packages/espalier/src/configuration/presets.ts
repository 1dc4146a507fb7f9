/** Named configurations. */
import { UserError } from '@espalier/runtime'
import type { z } from 'zod'
import { nearest } from './nearest.ts'
import type { networkSchema } from './network.ts'
import type { trainingSchema } from './training.ts'

/** The sections that presets have. */
interface PresetDraft {
  readonly model: z.input<typeof networkSchema>
  readonly training: z.input<typeof trainingSchema>
}

/**
 * The learning rate is halved from the first epoch on that lowers the validation perplexity by less than a hundredth; training
 * ends where two in a row do.
 */
const UNTIL_CONVERGED = { epochs: 40, decayFrom: 'plateau', decayEvery: 1, tolerance: 0.01, patience: 2 } as const

export const PRESETS = {
  tiny: {
    model: {
      layers: 2,
      hidden: 128,
      attention: 'general',
      bidirectional: true,
      reverseSource: false,
      dropout: 0.1,
      initialisation: 0.2,
    },
    training: {
      optimizer: 'adam',
      learningRate: 0.005,
      batchSize: 32,
      ...UNTIL_CONVERGED,
    },
  },
  small: {
    model: { layers: 2, hidden: 512, attention: 'general', bidirectional: true, reverseSource: false, dropout: 0.3 },
    training: {
      optimizer: 'adam',
      learningRate: 0.002,
      batchSize: 64,
      labelSmoothing: 0.1,
      ...UNTIL_CONVERGED,
    },
  },
  'paper-small': { model: { layers: 2, hidden: 500, attention: 'none' }, training: {} },
  paper: {
    model: { layers: 4, hidden: 1000, attention: 'dot' },
    // The paper's 128 sentences an update; a quarter at a time needs half of the memory.
    training: { batchSize: 32, accumulation: 4 },
  },
} as const satisfies Record<string, PresetDraft>
export type PresetName = keyof typeof PRESETS

/** A copy of a preset's sections. @throws UserError `unknown-preset` with the nearest known name */
export function presetDraft(name: string): { model: object; training: object } {
  const names = Object.keys(PRESETS)
  if (!Object.hasOwn(PRESETS, name))
    throw new UserError(
      'unknown-preset',
      `there is no preset ${name}; did you mean ${nearest(name, names)}? (${names.join(', ')})`,
    )
  return structuredClone(PRESETS[name as PresetName])
}
