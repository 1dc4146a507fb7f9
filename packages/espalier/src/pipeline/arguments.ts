/** Arguments of jobs on directories. */
import { UserError } from '@espalier/runtime'

/**
 * Checks arguments that plain JavaScript may get wrong.
 * @param inputs paths by the name of their argument
 * @throws UserError `usage`
 */
export function checkArguments(name: string, inputs: Readonly<Record<string, unknown>>, options: unknown): void {
  const path = (what: string, value: unknown) => {
    if (typeof value !== 'string' || value === '')
      throw new UserError('usage', `${name}: ${what} is ${JSON.stringify(value)}, and has to be a path`)
  }
  for (const [argument, value] of Object.entries(inputs)) path(argument, value)
  if (options === null || typeof options !== 'object')
    throw new UserError(
      'usage',
      `${name}: the options are ${JSON.stringify(options)}, and have to be an object with out`,
    )
  path('options.out', (options as { readonly out?: unknown }).out)
}
