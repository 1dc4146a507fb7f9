import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Claim, StudyResults, Summary } from '../../src/study/results.ts'
import { run } from '../cli/in-process.ts'
import { temporaryDirectory } from '../support.ts'
import { resultsWith } from './toy-results.ts'

const summary = (changes: Partial<Summary>): Summary => ({
  ...{ id: 'dense', group: 'baseline', name: 'dense', fraction: 0, sparsity: 0, weights: 1e6, kept: 1e6, bytes: 4e6 },
  seeds: [1],
  bleu: { mean: 30, low: 28, high: 32 },
  ...{ chrf: { mean: 50 }, ter: { mean: 50 }, perplexity: { mean: 12_345 }, validPerplexity: { mean: 5 } },
  trainPerplexity: { mean: 4 },
  wordsPerSecond: { mean: 1000 },
  tests: [{ name: 'test', bleu: { mean: 30, low: 28, high: 32 }, chrf: { mean: 50 }, ter: { mean: 50 } }],
  ...changes,
})

const claim = (number: number, verdict: Claim['verdict']): Claim => ({
  number,
  claim: `Claim ${number} <as it stands>.`,
  verdict,
  evidence: 'It is −0.31 BLEU. That is all.',
})

/** A study's directory that holds results alone. */
async function study(parent: string, name: string, changes: Partial<StudyResults>): Promise<string> {
  const directory = join(parent, name)
  await mkdir(directory)
  const results = { ...resultsWith({ summaries: [summary({})] }), claims: [claim(1, 'holds')], ...changes }
  await writeFile(join(directory, 'results.json'), JSON.stringify(results))
  return directory
}

describe('espalier report', () => {
  it("draws one study's report from its results alone, without columns and parts that nothing is known of", async () => {
    const directory = await study(await temporaryDirectory(), 'first', {})
    const { status, stdout } = await run('report', directory)
    expect(status).toBe(0)
    expect(stdout).toContain('holds')
    expect((await readdir(directory)).sort()).toEqual(['figures', 'report.html', 'results.json'])
    const html = await readFile(join(directory, 'report.html'), 'utf8')
    expect(html).toContain('Claim 1 &lt;as it stands&gt;.')
    expect(html).toContain('12\u202f345')
    for (const unknown of ['MB, packed', 'words/s', 'Some translations', '<dt>Machine', 'undefined', 'NaN'])
      expect(html).not.toContain(unknown)
    expect(html).not.toMatch(/<th[^>]*><\/th>/u)
  })

  it('shows packed models, each test set, failures, samples and the machine where they are known', async () => {
    const packed = {
      ...{ values: 'int8', bytes: 123_000, memory: 5e6, bleu: { mean: 29.9 } },
      ...{ wordsPerSecond: 4321, browser: { wordsPerSecond: 2100, memory: 1 } },
    }
    const set = (name: string, mean: number) => ({
      ...{ name, bleu: { mean, low: mean, high: mean } },
      ...{ chrf: { mean: 1 }, ter: { mean: 1 } },
    })
    const directory = await study(await temporaryDirectory(), 'second', {
      seeds: [1, 2],
      tests: ['2016', '2017'].map(name => ({ name, sentences: 1000 })),
      summaries: [summary({ packed, tests: [set('2016', 31.25), set('2017', 28.75)] })],
      failures: [
        { id: 'gradual-95', group: 'schedule', name: 'gradual', fraction: 0.95, seed: 2, reason: 'did not train: NaN' },
      ],
      samples: [{ source: 'a <b>', reference: 'c', translations: [{ model: 'dense', text: 'd' }] }],
      browser: 'chromium 1.2',
      made: {
        ...{ version: '1.2.3', node: '20.19.0', processor: 'Abacus', cores: 2, memory: 2 ** 33, system: 'linux' },
        ...{ command: 'espalier study data', date: '2026-01-02' },
      },
    })
    await run('report', directory)
    const html = await readFile(join(directory, 'report.html'), 'utf8')
    for (const known of [
      '0.12',
      '4\u202f321',
      '2\u202f100',
      '5.0',
      '31.25',
      '28.75',
      'gradual-95 (seed 2) did not train',
    ])
      expect(html).toContain(known)
    for (const known of ['a &lt;b&gt;', 'chromium 1.2', 'Abacus, 2 cores, 8 GiB', 'espalier study data', '2026-01-02'])
      expect(html).toContain(known)
  })

  it('sets the answers of several studies side by side', async () => {
    const parent = await temporaryDirectory()
    const first = await study(parent, 'first', { claims: [claim(1, 'holds'), claim(2, 'does not hold')] })
    const second = await study(parent, 'second', { claims: [claim(2, 'undecided')] })
    const out = join(parent, 'claims.html')
    const { status, stdout } = await run('report', first, `Two=${second}`, '--out', out)
    expect(status).toBe(0)
    expect(
      stdout
        .split('\n')
        .slice(0, 3)
        .map(line => line.split(/ {2,}/u).slice(1)),
    ).toEqual([
      ['first', 'Two'],
      ['holds', '-'],
      ['does not hold', 'undecided'],
    ])
    const html = await readFile(out, 'utf8')
    expect(html.match(/<th scope="row">/gu)).toHaveLength(2)
    expect(html).toContain('not asked')
    expect(await readdir(first)).toEqual(['results.json'])
    const json = JSON.parse((await run('report', first, second, '--json')).stdout)
    expect(json.studies.map(({ name }: { name: string }) => name)).toEqual(['first', 'second'])
  })

  it('refuses two studies of one name, results of another format, and what holds none', async () => {
    const parent = await temporaryDirectory()
    const first = await study(parent, 'first', {})
    expect(await run('report', first, first)).toMatchObject({ status: 2, stdout: '' })
    const old = await study(parent, 'old', { format: 1 as never })
    expect((await run('report', old)).stderr).toContain('has format 1')
    expect(await run('report', parent)).toMatchObject({ status: 2 })
  })
})
