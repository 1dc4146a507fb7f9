/** The claims: the short answers that a report opens with, and a card for each with its evidence. */
import { CLAIMS } from '../claims/index.ts'
import { escapeXml } from '../drawing.ts'
import type { Claim } from '../results.ts'

const VERDICT_CLASS = { holds: 'holds', 'does not hold': 'not', undecided: 'open' } as const

/** The claims in words that need no explanation. */
const SHORT: Readonly<Record<number, string>> = {
  1: 'Taking the smallest weights of the whole network is the best way to choose',
  2: '40 % of the weights can go without any retraining',
  3: 'With retraining 80 % can go, and the result may be better than before',
  4: 'A sparse network trained from the start is worse than one pruned and retrained',
  5: 'Deeper layers suffer more than early ones',
  6: 'The weights of rare words are the ones to spare',
  7: 'A large network pruned beats a small dense one of as many weights',
}

export const shortClaim = ({ number, claim }: Pick<Claim, 'number' | 'claim'>) => SHORT[number] ?? claim

export const verdictHtml = (verdict: Claim['verdict']) =>
  `<span class="verdict ${VERDICT_CLASS[verdict]}">${verdict}</span>`

/** `3 hold, 1 does not, 2 are undecided` */
export function tally(claims: readonly Claim[]): string {
  const count = (verdict: Claim['verdict']) => claims.filter(claim => claim.verdict === verdict).length
  const parts: string[] = []
  const say = (n: number, one: string, many: string) => n > 0 && parts.push(`${n} ${n === 1 ? one : many}`)
  say(count('holds'), 'holds', 'hold')
  say(count('does not hold'), 'does not hold', 'do not hold')
  say(count('undecided'), 'is undecided', 'are undecided')
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

export function answersHtml(claims: readonly Claim[]): string {
  const items = claims.map(
    claim =>
      `<li><span class="number soft">${claim.number}</span>${verdictHtml(claim.verdict)}` +
      `<span><a href="#claim-${claim.number}">${escapeXml(shortClaim(claim))}</a></span>` +
      `<span class="effect">${escapeXml(firstSentence(claim.evidence))}</span></li>`,
  )
  return `<ol class="answers">${items.join('\n')}</ol>`
}

/** The first sentence: the one that decides. A full stop within a number or a name has no space after it. */
const firstSentence = (text: string) => text.match(/^.+?\.(?=\s)/su)?.[0] ?? text

/** What the paper found, in our words. */
const paperSentence = (number: number) => CLAIMS.find(claim => claim.number === number)?.paper

export function claimsHtml(claims: readonly Claim[]): string {
  const items = claims.map(({ number, claim, verdict, evidence }) => {
    const paper = paperSentence(number)
    return `<li id="claim-${number}" class="${VERDICT_CLASS[verdict]}"><div class="body"><h3>${number}. ${escapeXml(claim)}</h3>
<p>${verdictHtml(verdict)}. ${escapeXml(evidence)}</p>
${paper ? `<p class="soft">The paper: ${escapeXml(paper)}</p>` : ''}</div></li>`
  })
  return `<ol class="claims">${items.join('\n')}</ol>`
}
