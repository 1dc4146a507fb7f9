/**
 * What a network is, as data: its options and its parameters. File formats, kernels, training, pruning and pictures read
 * these descriptions; none of them reads anything out of a parameter's name.
 */
import { UserError } from '../errors.ts'

/** What the configuration of every network has; the rest belongs to its architecture. */
export interface BaseNetworkConfig {
  /** The architecture's name. */
  readonly type?: string
  readonly sourceVocabulary: number
  readonly targetVocabulary: number
}

/** Rows of a matrix that compute one gate of every unit of a layer. */
export interface GateRows {
  readonly name: 'input' | 'forget' | 'cell' | 'output'
  /** The first row. */
  readonly begin: number
  /** One past the last row. */
  readonly end: number
}

/** One tensor of a network. */
export interface ParameterSpec {
  /** The key in files: PyTorch's name where PyTorch has one. */
  readonly name: string
  readonly shape: readonly number[]
  /** embedding: [vocabulary, features], rows are looked up; matrix: [outputs, inputs]; vector and bias: one number a unit. */
  readonly role: 'embedding' | 'matrix' | 'vector' | 'bias'
  /** The weight class it is pruned and reported with; absent for biases, which are never pruned. */
  readonly weightClass?: string
  /** The language whose text it reads or writes; absent where it belongs to both. */
  readonly side?: 'source' | 'target'
  /** The layer of a stack, from 0. */
  readonly layer?: number
  /** Which way a recurrent layer reads. */
  readonly direction?: 'forward' | 'backward'
  /** What a recurrent layer multiplies the matrix with: its input, or its own state of the step before. */
  readonly half?: 'input' | 'recurrent'
  /** The gates that the rows of a recurrent layer's matrix compute. */
  readonly gates?: readonly GateRows[]
  /** What it does in attention, or in the output layer. */
  readonly part?: 'score' | 'combination' | 'output'
}

/** A kind of network. */
export interface Architecture<Config extends BaseNetworkConfig = BaseNetworkConfig> {
  /** As `model.type` of a `config.json` says it. */
  readonly name: string
  /** @throws UserError `network` naming the option, what it is and what it may be */
  check(options: Readonly<Record<string, unknown>>): Config
  /** Every parameter, in the order in which files hold them. */
  parameters(config: Config): ParameterSpec[]
  /** Whether it tells which source words each target word was translated from. */
  hasAttention(config: Config): boolean
}

/** The least and the greatest value of an option. */
export type Bounds = readonly [least: number, most: number]

/** Checks that an option is a whole number within its bounds. @throws UserError `network` */
export function checkSize(options: Readonly<Record<string, unknown>>, name: string, [least, most]: Bounds): void {
  const value = options[name]
  if (!(typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most))
    throw wrongOption(name, value, `a whole number from ${least} to ${most}`)
}

/** @throws UserError `network` */
export function checkFlag(options: Readonly<Record<string, unknown>>, name: string): void {
  if (typeof options[name] !== 'boolean') throw wrongOption(name, options[name], 'true or false')
}

/** @throws UserError `network` */
export function checkChoice(options: Readonly<Record<string, unknown>>, name: string, known: readonly string[]): void {
  if (!known.includes(options[name] as string)) throw wrongOption(name, options[name], `one of ${known.join(', ')}`)
}

function wrongOption(name: string, value: unknown, allowed: string): UserError {
  const found = value === undefined ? 'missing' : (JSON.stringify(value)?.slice(0, 80) ?? typeof value)
  return new UserError('network', `${name} is ${found}; it must be ${allowed}`)
}
