/** Checking what users write against schemas: errors name the place, the key, and the nearest known one. */
import { UserError } from '@espalier/runtime'
import type { z } from 'zod'
import { describeIssue, placeName } from './issues.ts'
import { nearest } from './nearest.ts'

/** Where a value is from: a name, or one that depends on the path of the key, as where several places make one whole. */
export type Origin = string | ((path: readonly PropertyKey[]) => string)

/**
 * Checks a draft against a schema.
 * @param place where it is from, and the section of a configuration that it is, if it is not a whole one
 * @throws UserError `unknown-key` with the nearest known one, `invalid-configuration`
 */
export function parseSection<T extends z.ZodType>(
  schema: T,
  draft: unknown,
  { origin, section }: { readonly origin: Origin; readonly section?: string },
): z.infer<T> {
  const parsed = schema.safeParse(draft)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = [...(section ? [section] : []), ...issue.path]
  const from = (at: readonly PropertyKey[]) => (typeof origin === 'string' ? origin : origin(at))
  if (issue.code !== 'unrecognized_keys')
    throw new UserError('invalid-configuration', `${from(path)}: ${describeIssue(parsed.error, draft, section)}`)
  const [key] = issue.keys
  const known = knownKeys(schema, issue.path)
  throw new UserError(
    'unknown-key',
    `${from([...path, key])}: unknown key ${placeName([...path, key])}; did you mean ${nearest(key, known)}? (known: ${known.join(', ')})`,
  )
}

/** The keys of the object at a path of a schema, found through what wraps it (defaults, options, lists). */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  type Known = { unwrap?(): Known; shape?: Record<string, Known>; element?: Known }
  let at: Known | undefined = schema as Known
  const open = (): Known => {
    while (at?.unwrap && !at.element) at = at.unwrap()
    return at ?? {}
  }
  for (const step of path) at = typeof step === 'number' ? open().element : open().shape?.[String(step)]
  return Object.keys(open().shape ?? {})
}
