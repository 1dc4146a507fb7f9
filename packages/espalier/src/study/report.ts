/** The report of a study: one page that needs nothing but itself, and the figures as files. */
import { join } from 'node:path'
import { markDirectory } from '../storage/atomic-directory.ts'
import { writeFileAtomic } from '../storage/atomic-files.ts'
import { CLAIMS } from './claims/index.ts'
import { drawFigure, escapeXml, type Figure } from './drawing.ts'
import { studyFigures } from './figures/index.ts'
import type { Claim, Failure, StudyResults, Summary } from './results.ts'

/** Writes `report.html` and `figures/` beside a study's results. */
export async function writeReport(directory: string, results: StudyResults): Promise<string> {
  const figures = studyFigures(results)
  const drawn: [Figure, string][] = []
  for (const figure of figures) drawn.push([figure, await drawFigure(figure)])
  await markDirectory(join(directory, 'figures'), 'figures')
  for (const [{ id }, svg] of drawn) await writeFileAtomic(join(directory, 'figures', `${id}.svg`), svg)
  const path = join(directory, 'report.html')
  await writeFileAtomic(path, page(results, drawn))
  return path
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f1a;--ground:#fdfdfb;--soft:#5d665a;--line:#d9ddd4;--card:#f4f6f1;--holds:#1d6b37;--not:#a3341c;--open:#7a5a00}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebe4;--ground:#161915;--soft:#a4ada0;--line:#363c33;--card:#1f231d;--holds:#7fd09a;--not:#f0907a;--open:#e3c067}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 .5rem}h2{margin:2.5rem 0 .75rem;font-size:1.3rem}
p{max-width:44rem}.soft{color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.verdict{font-weight:600;white-space:nowrap}.holds{color:var(--holds)}.not{color:var(--not)}.open{color:var(--open)}
figure{margin:1.5rem 0;padding:1rem;background:var(--card);border-radius:.5rem;break-inside:avoid}
figure svg{max-width:100%;height:auto;display:block}figure image{image-rendering:pixelated}figcaption{margin-top:.6rem;font-size:.9rem;color:var(--soft)}
figcaption b{color:var(--ink)}code{overflow-wrap:anywhere}code,pre{font-family:ui-monospace,monospace;font-size:.85rem}
pre{background:var(--card);padding:1rem;border-radius:.5rem;overflow-x:auto}
@media print{:root{--ink:#000;--ground:#fff;--soft:#444;--line:#bbb;--card:#fff}main{max-width:none;padding:0}figure{padding:0}details{display:none}}
`

function page(results: StudyResults, figures: readonly [Figure, string][]): string {
  const dense = results.summaries.find(({ id }) => id === 'dense')
  const state = results.complete
    ? ''
    : '<p class="verdict open">This study is not finished: experiments are still missing.</p>'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pruning a translation model: a study</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Pruning a translation model: a study</h1>
<p>What <cite>Compression of Neural Machine Translation Models via Pruning</cite> (See, Luong &amp; Manning, CoNLL 2016)
found, put to the test on a model of ${dense ? `${(dense.weights / 1e6).toFixed(1)} million` : 'unknown many'} prunable weights.
BLEU on ${testText(results)}; a difference counts as real where the paired bootstrap over seeds and sentences gives it less than
5 % probability by chance; where the best or worst of many is looked for, corrected for their number (Holm).</p>
${state}
<h2>The claims</h2>
${claimTable(results.claims)}
<h2>The figures</h2>
${figures.map(([figure, svg]) => figureHtml(figure, svg)).join('\n')}
<h2>The models</h2>
${modelTable(results.summaries)}
${failureList(results.failures)}
<p class="soft">${seedText(results.seeds)} BLEU with its 95 % interval; p: of the difference from the unpruned model. Size: 4 bytes for each kept weight and
bias, and a bit for each prunable weight of a pruned model. Words a second: target words, all on one machine, as the study ran.
${timeText(results.seconds)}
<code>${escapeXml(results.signature)}</code></p>
<h2>The configuration</h2>
<details><summary>All of it</summary>
<pre>${escapeXml(JSON.stringify(results.configuration, null, 2))}</pre></details>
</main>
</body>
</html>
`
}

const figureHtml = ({ title, description }: Figure, svg: string) =>
  `<figure>${svg}<figcaption><b>${escapeXml(title)}.</b> ${escapeXml(description)}</figcaption></figure>`

const VERDICT_CLASS = { holds: 'holds', 'does not hold': 'not', undecided: 'open' } as const

const paperSentence = (number: number) => CLAIMS.find(claim => claim.number === number)?.paper ?? ''

function claimTable(claims: readonly Claim[]): string {
  const rows = claims.map(
    ({ number, claim, verdict, evidence }) =>
      `<tr><td class="n">${number}</td><td>${escapeXml(claim)}</td><td>${escapeXml(paperSentence(number))}</td>` +
      `<td><span class="verdict ${VERDICT_CLASS[verdict]}">${verdict}</span><br>${escapeXml(evidence)}</td></tr>`,
  )
  return `<div class="scroll"><table><thead><tr><th class="n" scope="col"></th><th scope="col">Claim</th><th scope="col">The paper</th><th scope="col">Here</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`
}

const testText = ({ tests }: StudyResults) =>
  tests.length === 1
    ? `${tests[0].sentences} sentences`
    : `${tests.reduce((n, { sentences }) => n + sentences, 0)} sentences of ${tests.length} test sets (${tests.map(({ name, sentences }) => `${escapeXml(name)}: ${sentences}`).join(', ')})`

const seedText = (seeds: readonly number[]) =>
  seeds.length === 1
    ? `All models are of seed ${seeds[0]}.`
    : `Means over the seeds ${seeds.join(', ')}, from which everything was made anew; ± standard deviation.`

function timeText({ training, translating, perplexity, other }: StudyResults['seconds']): string {
  const all = training + translating + perplexity + other
  const share = (part: number) => `${((100 * part) / Math.max(all, 1e-9)).toFixed(1)} %`
  return `The study took ${(all / 60).toFixed(1)} minutes: ${share(training)} training, ${share(translating)} translating, ${share(perplexity)} measuring perplexity, ${share(other)} the rest.`
}

const failureList = (failures: readonly Failure[]) =>
  failures.length === 0
    ? ''
    : `<ul>${failures.map(({ id, seed, reason }) => `<li>${escapeXml(`${id} (seed ${seed}) ${reason}`)}</li>`).join('')}</ul>`

function modelTable(summaries: readonly Summary[]): string {
  const rows = summaries.map(model => {
    const { mean, deviation, low, high } = model.bleu
    const cells = [
      `${(100 * model.sparsity).toFixed(1)} %`,
      (model.bytes / 1e6).toFixed(1),
      `${mean.toFixed(2)}${deviation === undefined ? '' : ` ± ${deviation.toFixed(2)}`} [${low.toFixed(1)}, ${high.toFixed(1)}]`,
      model.fromDense?.pValue.toFixed(3) ?? '',
      model.chrf.mean.toFixed(1),
      model.perplexity.mean < 1000 ? model.perplexity.mean.toFixed(2) : model.perplexity.mean.toExponential(1),
      model.wordsPerSecond.mean.toFixed(0),
    ]
    return `<tr><th scope="row">${escapeXml(model.id)}</th>${cells.map(cell => `<td class="n">${cell}</td>`).join('')}</tr>`
  })
  const heads = ['pruned', 'MB', 'BLEU', 'p', 'chrF', 'perplexity', 'words/s']
  return `<div class="scroll"><table><thead><tr><th scope="col">Model</th>${heads.map(head => `<th class="n" scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div>`
}
