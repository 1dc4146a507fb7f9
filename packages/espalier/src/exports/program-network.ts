/**
 * A translation network whose encoder and decoder step are programs of any runtime of ONNX files, in Node or in a page.
 * @module espalier/program-network
 */

export { type NetworkProgram, type NetworkPrograms, ProgramNetwork } from '../network/program-network.ts'
