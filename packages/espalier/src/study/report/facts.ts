/** How the numbers came about: texts, seeds, machine, command, time. */
import { escapeXml } from '../drawing.ts'
import { duration, grouped, percent } from '../format.ts'
import type { Failure, StudyResults } from '../results.ts'

export function factsHtml({ tests, seeds, seconds, data, signature, made }: StudyResults): string {
  const facts: readonly (readonly [name: string, html: string | undefined])[] = [
    ['Test text', escapeXml(testText(tests))],
    ['Seeds', seedText(seeds)],
    ['BLEU', `<code>${escapeXml(signature)}</code>`],
    ['Training text', `<code>${escapeXml(data.slice(0, 16))}…</code> (SHA-256)`],
    ['Program', made && `espalier ${escapeXml(made.version)}, Node ${escapeXml(made.node)}`],
    ['Machine', made && escapeXml(machineText(made))],
    ['Date', made && escapeXml(made.date)],
    ['Time taken', timeText(seconds)],
    ['Command', made?.command && `<code>${escapeXml(made.command)}</code>`],
  ]
  const known = facts.filter(([, html]) => html !== undefined)
  return `<dl class="facts">${known.map(([name, html]) => `<dt>${name}</dt><dd>${html}</dd>`).join('\n')}</dl>`
}

const sentences = (n: number) => `${grouped(n)} ${n === 1 ? 'sentence' : 'sentences'}`

/** `3 532 sentences: 1 000 of 2016, 1 000 of 2017, …` */
export function testText(tests: StudyResults['tests']): string {
  const all = sentences(tests.reduce((n, test) => n + test.sentences, 0))
  if (tests.length === 1) return all
  return `${all} of ${tests.length} test sets: ${tests.map(test => `${grouped(test.sentences)} of ${test.name}`).join(', ')}`
}

const seedText = (seeds: readonly number[]) =>
  seeds.length === 1
    ? `${seeds[0]}: one, so the intervals are over sentences alone`
    : `${seeds.join(', ')}: everything was made anew from each; numbers are means over them`

function machineText({ processor, cores, memory, system, threads }: NonNullable<StudyResults['made']>): string {
  const used = threads === undefined ? '' : `; ${threads} ${threads === 1 ? 'thread' : 'threads'} used`
  return `${processor}, ${cores} cores, ${Math.round(memory / 2 ** 30)} GiB; ${system}${used}`
}

function timeText({ training, translating, perplexity, other }: StudyResults['seconds']): string | undefined {
  const all = training + translating + perplexity + other
  if (all === 0) return undefined
  const part = (seconds: number, what: string) => `${percent(seconds / all)} ${what}`
  return `${duration(all)}: ${part(training, 'training')}, ${part(translating, 'translating')}, ${part(perplexity, 'measuring perplexity')}, ${part(other, 'the rest')}`
}

/** Experiments whose training diverged: a result like others. */
export const failuresHtml = (failures: readonly Failure[]) =>
  failures.length === 0
    ? ''
    : `<p>Without a model:</p><ul>${failures.map(({ id, seed, reason }) => `<li>${escapeXml(`${id} (seed ${seed}) ${reason}`)}</li>`).join('')}</ul>`
