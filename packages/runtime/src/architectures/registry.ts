/** The architectures there are. A new one is a folder beside lstm/ and a line here. */
import { UserError } from '../errors.ts'
import type { Architecture, ParameterSpec } from './architecture.ts'
import type { LstmConfig } from './lstm/config.ts'
import { lstm } from './lstm/lstm.ts'

/** The configuration of any network. */
export type AnyNetworkConfig = LstmConfig

const ARCHITECTURES: Readonly<Record<string, Architecture<AnyNetworkConfig>>> = { lstm }

/** The architecture of a configuration that does not name one: files had no `type` while there was only one. */
const DEFAULT_ARCHITECTURE = lstm.name

/** @throws UserError `network` for a type that is not registered */
export function architectureOf({
  type = DEFAULT_ARCHITECTURE,
}: {
  readonly type?: unknown
}): Architecture<AnyNetworkConfig> {
  if (typeof type === 'string' && Object.hasOwn(ARCHITECTURES, type)) return ARCHITECTURES[type]
  const found = JSON.stringify(type)?.slice(0, 80)
  throw new UserError('network', `type is ${found}; it must be one of ${Object.keys(ARCHITECTURES).join(', ')}`)
}

/** Checks the configuration of a network, as `model` of a `config.json` holds it. @throws UserError `network` */
export function checkNetwork(model: unknown): AnyNetworkConfig {
  if (typeof model !== 'object' || model === null || Array.isArray(model))
    throw new UserError('network', 'model is not an object')
  return architectureOf(model).check(model as Record<string, unknown>)
}

/** Every parameter of a network, in the order in which files hold them. */
export function parameterSpecs(config: AnyNetworkConfig): ParameterSpec[] {
  return architectureOf(config).parameters(config)
}
