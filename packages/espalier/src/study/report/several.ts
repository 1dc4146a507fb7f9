/** Several studies' answers side by side: claims × texts, for a claim may hold on one text and not on another. */
import { escapeXml } from '../drawing.ts'
import { measuredModels } from '../figures/measured.ts'
import { fixed } from '../format.ts'
import type { Claim, StudyResults } from '../results.ts'
import { shortClaim, verdictHtml } from './answers.ts'
import { testText } from './facts.ts'
import { htmlPage } from './page.ts'

export { shortClaim }

export interface NamedStudy {
  readonly name: string
  readonly results: StudyResults
}

/** All claims that any study answers, by number, with each study's verdict where it has one. */
export function verdictsByClaim(studies: readonly NamedStudy[]) {
  const claims = new Map<number, Claim>()
  for (const { results } of studies) for (const claim of results.claims) claims.set(claim.number, claim)
  return [...claims.values()]
    .sort((a, b) => a.number - b.number)
    .map(claim => ({ claim, verdicts: studies.map(study => answerOf(study, claim.number)?.verdict) }))
}

const answerOf = ({ results }: NamedStudy, number: number) => results.claims.find(claim => claim.number === number)

export function comparisonPage(studies: readonly NamedStudy[]): string {
  const rows = verdictsByClaim(studies)
  const heads = studies.map(({ name }) => `<th scope="col">${escapeXml(name)}</th>`).join('')
  const cells = rows.map(
    ({ claim, verdicts }) =>
      `<tr><th scope="row">${claim.number}. ${escapeXml(shortClaim(claim))}</th>` +
      `${verdicts.map(verdict => `<td>${verdict ? verdictHtml(verdict) : 'not asked'}</td>`).join('')}</tr>`,
  )
  const evidence = rows.map(({ claim }) => {
    const answers = studies.map(study => {
      const answer = answerOf(study, claim.number)
      const text = answer ? `${verdictHtml(answer.verdict)}. ${escapeXml(answer.evidence)}` : 'Not asked.'
      return `<dt>${escapeXml(study.name)}</dt><dd>${text}</dd>`
    })
    return `<section aria-labelledby="claim-${claim.number}"><h2 id="claim-${claim.number}">${claim.number}. ${escapeXml(claim.claim)}</h2>
<dl class="facts">${answers.join('\n')}</dl></section>`
  })
  return htmlPage(
    `Pruning translation models: the claims on ${studies.length} ${studies.length === 1 ? 'text' : 'texts'}`,
    `<p class="lead">What <cite>Compression of Neural Machine Translation Models via Pruning</cite> (See, Luong &amp; Manning, CoNLL 2016)
found, put to the test on several texts: a claim holds, does not hold, or the study cannot tell.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Claims and studies"><table class="verdicts"><thead><tr><th scope="col">Claim</th>${heads}</tr></thead>
<tbody>${cells.join('\n')}</tbody></table></div>
<h2>The studies</h2>
<dl class="facts">${studies.map(studyHtml).join('\n')}</dl>
${evidence.join('\n')}`,
  )
}

function studyHtml({ name, results }: NamedStudy): string {
  const dense = measuredModels(results).find(({ id }) => id === 'dense')
  const state = results.complete ? '' : ' Not finished: experiments are still missing.'
  const model = dense
    ? `${(dense.weights / 1e6).toFixed(1)} million weights, ${fixed(dense.bleu.mean, 1)} BLEU unpruned, `
    : ''
  return `<dt>${escapeXml(name)}</dt><dd>${model}tested on ${escapeXml(testText(results.tests))}; ${results.seeds.length} ${results.seeds.length === 1 ? 'seed' : 'seeds'}.${state}</dd>`
}
