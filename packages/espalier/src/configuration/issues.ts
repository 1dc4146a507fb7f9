/** What a schema found wrong, in plain sentences: the place, what stands there, what would be right. */
import type { z } from 'zod'
import { nearest } from './nearest.ts'

type Issue = z.core.$ZodIssue

/**
 * The first thing that is wrong.
 * @param value what was checked, for what stands at the place
 * @param section where in a greater whole the value is, if it is not all
 */
export function describeIssue(error: z.ZodError, value: unknown, section?: string): string {
  const [issue] = error.issues
  const name = placeName([...(section === undefined ? [] : [section]), ...issue.path])
  const found = valueAt(value, issue.path)
  if (issue.code === 'unrecognized_keys') return `${name}${name && '.'}${issue.keys[0]} is an unknown key`
  if (issue.code === 'custom') return `${name}${name && ' '}${issue.message}`
  if (found === undefined) return `${name || 'it'} is missing; it has to be ${expectation(issue)}`
  return `${name || 'it'} is ${show(found)}; it has to be ${expectation(issue)}${suggestion(issue, found)}`
}

/** `study.levels (entry 1)` */
export function placeName(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? ` (entry ${step + 1})` : `${i > 0 ? '.' : ''}${String(step)}`))
    .join('')
}

/** A value as people write it, shortened. */
export function show(value: unknown): string {
  if (value === null) return 'empty'
  const text = typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const step of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[step]
  return at
}

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list, as in [a, b]',
  object: 'keys with values, as in {key: value}',
  record: 'keys with values, as in {key: value}',
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? `of the kind ${issue.expected}`
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
    case 'invalid_value':
      return issue.values.length === 1 ? show(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`
    case 'invalid_format':
      return `of the form ${issue.pattern ?? issue.format}`
    case 'invalid_union':
      return 'of a kind that is allowed here'
    default:
      return 'what docs/configuration.yaml says of it'
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === 'array' || origin === 'set')
    return `a list of ${relation} ${limit} ${limit === 1 ? 'entry' : 'entries'}`
  if (origin === 'string') return `${relation} ${limit} ${limit === 1 ? 'letter' : 'letters'} long`
  return `${relation} ${limit}`
}

function suggestion(issue: Issue, found: unknown): string {
  if (issue.code !== 'invalid_value' || typeof found !== 'string' || issue.values.length < 2) return ''
  return `; did you mean ${nearest(found, issue.values.map(String))}?`
}
