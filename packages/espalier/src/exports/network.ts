/**
 * The network: its configuration, parameters, and programs of the engine. Loads in a page, too.
 * @module espalier/network
 */

export { type ParameterSpec, parameterSpecs } from '@espalier/runtime/architectures'
export {
  type NetworkConfig,
  type NetworkOptions,
  networkConfig,
  networkSchema,
} from '../configuration/network.ts'
export { type BackendSource, Backends, type BackendsOptions, openBackend } from '../network/backend.ts'
export { batchInputs, batchValues } from '../network/batch-inputs.ts'
export { type Grouping, Network } from '../network/network.ts'
export { initialParameters, type Parameters, type SparseParameters, weightClasses } from '../network/parameters.ts'
export { compileEvaluation, perplexity } from '../network/perplexity.ts'
export { type NetworkProgram, type NetworkPrograms, ProgramNetwork } from '../network/program-network.ts'
export {
  CompiledNetwork,
  exportNetwork,
  type OpenNetworkOptions,
  openNetwork,
} from '../network/translation-programs.ts'
