/** Named configurations. */
import type { ConfigurationDraft } from './configuration.ts'

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
      epochs: 3,
      decayFrom: 2,
      decayEvery: 0.5,
    },
  },
  small: {
    model: { layers: 2, hidden: 512, attention: 'general', bidirectional: true, reverseSource: false, dropout: 0.3 },
    training: {
      optimizer: 'adam',
      learningRate: 0.001,
      batchSize: 64,
      epochs: 7,
      decayFrom: 3,
      decayEvery: 1,
      labelSmoothing: 0.1,
    },
  },
  'paper-small': { model: { layers: 2, hidden: 500, attention: 'none' }, training: {} },
  paper: { model: { layers: 4, hidden: 1000, attention: 'dot' }, training: {} },
} as const satisfies Record<string, ConfigurationDraft>
export type PresetName = keyof typeof PRESETS
