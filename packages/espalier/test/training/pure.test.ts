import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** What a module and all that it imports take from packages; types alone are not imported, and `import()` waits until called. */
function packagesOf(entry: URL, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>()
  if (seen.has(entry.href)) return packages
  seen.add(entry.href)
  const code = readFileSync(entry, 'utf8')
  for (const [, clause, from] of code.matchAll(/^(?:import|export)\s([^'"]*?)from '([^']+)'/gmu)) {
    if (/^type\s/u.test(clause)) continue
    if (!from.startsWith('.')) packages.add(from)
    else for (const name of packagesOf(new URL(from, entry), seen)) packages.add(name)
  }
  return packages
}

describe('what trains in memory', () => {
  it.each(['exports/training.ts', 'exports/network.ts'])('imports no Node module and no ONNX Runtime: %s', file => {
    const packages = [...packagesOf(new URL(`../../src/${file}`, import.meta.url))]
    expect(packages).toContain('@espalier/engine')
    expect(packages.filter(name => name.startsWith('node:') || name.includes('onnx'))).toEqual([])
  })
})
