/** The report as one page that needs nothing but itself. */
import { type DrawnFigure, escapeXml } from '../drawing.ts'
import { HEADLINE } from '../figures/index.ts'
import { measuredModels } from '../figures/measured.ts'
import type { StudyResults } from '../results.ts'
import { answersHtml, claimsHtml } from './answers.ts'
import { factsHtml, failuresHtml } from './facts.ts'
import { figureHtml } from './figure-html.ts'
import { modelsHtml } from './models-table.ts'
import { openingHtml } from './opening.ts'
import { samplesHtml } from './samples.ts'
import { STYLE } from './style.ts'

export function reportPage(results: StudyResults, figures: readonly DrawnFigure[]): string {
  const models = measuredModels(results)
  const headline = figures.find(({ figure }) => figure.id === HEADLINE)
  const sections: readonly Section[] = [
    {
      id: 'claims',
      title: 'The claims, one by one',
      body: `<p class="soft">A difference counts as real where the paired bootstrap over seeds and sentences gives it less than 5 % probability
by chance; where the best or worst of many is looked for, corrected for their number (Holm).</p>
${claimsHtml(results.claims)}`,
    },
    {
      id: 'models',
      title: 'The models',
      body: `${modelsHtml(models, results.tests)}
${failuresHtml(results.failures)}
<p class="soft">${tableNote(results)}</p>`,
    },
    {
      id: 'samples',
      title: 'Some translations',
      body: results.samples
        ? `<p class="soft">Sentences evenly spread over the test text.</p>\n${samplesHtml(results.samples)}`
        : '',
    },
    {
      id: 'figures',
      title: 'The figures',
      body: figures
        .filter(drawn => drawn !== headline)
        .map(figureHtml)
        .join('\n'),
    },
    {
      id: 'how',
      title: 'How it was made',
      body: `${factsHtml(results)}
<details><summary>The whole configuration</summary>
<pre>${escapeXml(JSON.stringify(results.configuration, null, 2))}</pre></details>`,
    },
  ]
  const there = sections.filter(({ body }) => body !== '')
  return htmlPage(
    'Pruning a translation model: a study',
    `${openingHtml(results, models)}
<h2 id="answers">The answers</h2>
${answersHtml(results.claims)}
${headline ? figureHtml(headline) : ''}
<nav aria-label="Sections"><ul>${there.map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join('')}</ul></nav>
${there.map(({ id, title, body }) => `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${body}</section>`).join('\n')}`,
  )
}

const tableNote = ({ seeds, tests, summaries, browser }: StudyResults) =>
  `BLEU${tests.length > 1 ? ' of all test sets together' : ''}, ${seeds.length > 1 ? 'the mean over the seeds ± its standard deviation, ' : ''}with its 95 % interval; the difference from the unpruned model with its own, and p, the probability of one as large by chance.${packedNote(summaries, browser)}`

function packedNote(summaries: StudyResults['summaries'], browser: string | undefined): string {
  const packed = summaries.find(summary => summary.packed)?.packed
  if (!packed) return ''
  const where = browser === undefined ? 'in Node' : `in Node and in ${escapeXml(browser)}`
  return ` Packed: the file that pack writes, values as ${escapeXml(packed.values)}; words a second are target words on one thread ${where}, all models in turns; memory is the runtime's after all test sets.`
}

interface Section {
  readonly id: string
  readonly title: string
  readonly body: string
}

/** A page of the report's look. @param body HTML that follows the heading */
export const htmlPage = (title: string, body: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${body}
</main>
</body>
</html>
`
