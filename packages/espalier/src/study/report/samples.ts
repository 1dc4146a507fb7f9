/** Sentences of the test text, and what the models make of them. */
import { escapeXml } from '../drawing.ts'
import type { StudyResults } from '../results.ts'

export function samplesHtml(samples: NonNullable<StudyResults['samples']>): string {
  return samples
    .map(({ source, reference, translations }) => {
      const lines = [
        ['source', source],
        ['reference', reference],
        ...translations.map(({ model, text }) => [model, text]),
      ]
      return `<dl class="facts sample">${lines.map(([name, text]) => `<dt>${escapeXml(name)}</dt><dd>${escapeXml(text)}</dd>`).join('\n')}</dl>`
    })
    .join('\n')
}
