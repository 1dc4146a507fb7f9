/** Where a visitor prunes: slider, schemes, and what came of it in figures and by class. */
import type { Scheme } from 'espalier/pruning'
import { byId, element, setMessage } from '../dom.ts'
import { count, percent, size } from '../format.ts'
import type { ClassShare, LiveFacts } from '../workers/model-calls.ts'
import type { Bleu, LiveModel } from './live-model.ts'

export class PruneControls {
  readonly #live: LiveModel
  #shown: LiveFacts | undefined
  readonly #slider = byId<HTMLInputElement>('fraction')

  constructor(live: LiveModel) {
    this.#live = live
    const prune = () => {
      const scheme = document.querySelector<HTMLInputElement>('input[name=scheme]:checked')?.value as Scheme
      live.prune({ scheme, fraction: Number(this.#slider.value) / 100 })
    }
    this.#slider.addEventListener('input', prune)
    byId('schemes').addEventListener('change', prune)
    live.onChange(() => this.show())
  }

  show(): void {
    const { facts, choice, bleu, denseBleu, failure, stale } = this.#live
    const pruned = percent(choice.fraction)
    byId('fraction-value').textContent = pruned
    this.#slider.setAttribute('aria-valuetext', `${pruned} of the weights pruned`)
    setMessage(byId('live-error'), failure)
    byId('meters').setAttribute('aria-busy', String(stale))
    if (!facts) return
    showMeter('meter-bleu', bleu ? bleu.value.toFixed(1) : '…', {
      detail: bleuDetail(bleu, denseBleu),
      share: (bleu?.value ?? 0) / 100,
    })
    showMeter('meter-weights', count(facts.kept), {
      detail: `of ${count(facts.weights)}`,
      share: facts.kept / facts.weights,
    })
    showMeter('meter-bytes', size(facts.bytes), {
      detail: `of ${size(4 * facts.weights)} dense`,
      share: facts.bytes / (4 * facts.weights),
    })
    if (facts !== this.#shown) byId('class-shares').replaceChildren(...facts.classes.map(classRow))
    this.#shown = facts
  }
}

function bleuDetail(bleu: Bleu | undefined, denseBleu: number | undefined): string {
  if (bleu && bleu.done < bleu.of) return `${bleu.done} of ${bleu.of} sentences`
  return denseBleu === undefined ? '' : `of ${denseBleu.toFixed(1)}`
}

function showMeter(id: string, value: string, { detail, share }: { detail: string; share: number }): void {
  const place = byId(id)
  place.querySelector('.value')!.textContent = value
  place.querySelector('.detail')!.textContent = detail
  place.querySelector<HTMLElement>('.bar')!.style.setProperty('--length', `${100 * Math.min(1, share)}%`)
}

function classRow({ name, weights, kept }: ClassShare): HTMLElement {
  const bar = element('span', { class: 'bar', 'aria-hidden': 'true' })
  bar.style.setProperty('--length', `${(100 * kept) / weights}%`)
  return element('li', {}, element('span', { class: 'class' }, name.replaceAll('-', ' ')), bar, percent(kept / weights))
}
