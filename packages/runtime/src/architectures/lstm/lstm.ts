/** The LSTM encoder-decoder of Luong, Pham & Manning (2015) as an architecture. */
import type { Architecture } from '../architecture.ts'
import { checkLstm, type LstmConfig } from './config.ts'
import { lstmParameters } from './parameters.ts'

export const lstm: Architecture<LstmConfig> = {
  name: 'lstm',
  check: checkLstm,
  parameters: lstmParameters,
  hasAttention: ({ attention }) => attention !== 'none',
}
