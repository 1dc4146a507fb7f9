/** Networks as data: configurations, their check, and the parameters that they have. */
export type { Architecture, BaseNetworkConfig, GateRows, ParameterSpec } from './architecture.ts'
export { ATTENTIONS, LSTM_BOUNDS, type LstmConfig, lstmConflict } from './lstm/config.ts'
export { LSTM_PARAMETERS, lstmLayerNames } from './lstm/parameters.ts'
export { type AnyNetworkConfig, architectureOf, checkNetwork, parameterSpecs } from './registry.ts'
