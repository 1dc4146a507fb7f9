/** Where a visitor retrains: buttons, curves and figures. */
import { byId, setMessage } from '../dom.ts'
import { count } from '../format.ts'
import { drawChart } from './chart.ts'
import type { LiveModel, Phase } from './live-model.ts'

/** What the button says, by phase. */
const ACTIONS: Readonly<Record<Phase, string>> = {
  opening: 'Retrain what is left',
  pruned: 'Retrain what is left',
  preparing: 'Preparing …',
  retraining: 'Pause',
  paused: 'Continue',
  retrained: 'Retrain further',
}

export class RetrainPanel {
  readonly #live: LiveModel
  readonly #button = byId<HTMLButtonElement>('retrain')
  #due = false

  constructor(live: LiveModel) {
    this.#live = live
    this.#button.addEventListener('click', () => {
      if (live.phase === 'retraining') void live.pause()
      else void live.retrain()
    })
    byId('download').addEventListener('click', () => this.#download())
    live.onChange(() => this.#showSoon())
  }

  /** At most once a frame: training tells more often. */
  #showSoon(): void {
    if (this.#due) return
    this.#due = true
    setTimeout(() => {
      this.#due = false
      this.#show()
    }, 30)
  }

  #show(): void {
    const { phase, retraining, curves, denseBleu } = this.#live
    this.#button.textContent = ACTIONS[phase]
    if (phase === 'preparing' || phase === 'opening') this.#button.setAttribute('aria-disabled', 'true')
    else this.#button.removeAttribute('aria-disabled')
    byId('retraining').hidden = !retraining
    setMessage(byId('live-status'), this.#status())
    if (!curves) return
    drawChart(byId('loss-chart'), curves.loss, { digits: 1 })
    drawChart(byId('bleu-chart'), curves.bleu, {
      most: 100,
      digits: 0,
      dots: true,
      reference: denseBleu === undefined ? undefined : { value: denseBleu, label: `unpruned: ${denseBleu.toFixed(1)}` },
    })
    byId('training-figures').textContent = this.#figures()
  }

  #figures(): string {
    const { retraining, facts } = this.#live
    const figures = retraining?.figures
    if (!figures || !facts) return 'The sentences to train on are being made.'
    const { seconds, step, totalSteps, speed } = figures
    return [
      `${count(speed)} words a second`,
      `update ${count(step)} of ${count(totalSteps)}`,
      `${seconds.toFixed(0)} s of training`,
      `${count(facts.kept)} weights left`,
    ].join(' · ')
  }

  /** Said by screen readers, so only what changes seldom. */
  #status(): string {
    const { phase, trained, choice, bleu } = this.#live
    const measured = bleu && bleu.done >= bleu.of ? `BLEU ${bleu.value.toFixed(1)}` : undefined
    switch (phase) {
      case 'opening':
        return 'The unpruned model is being fetched.'
      case 'preparing':
        return 'The grammar writes the sentences to train on; none of those that BLEU is measured on is among them.'
      case 'retraining':
        return 'Retraining in this browser: the weights that are left learn to do the work of those that are gone.'
      case 'paused':
        return 'Paused.'
      case 'retrained':
        return `Retrained${measured ? `: ${measured}` : ''}. Download the model, or compare it with the others below.`
      case 'pruned':
        return choice.fraction === 0 || trained
          ? 'Move the slider: the weights nearest to zero go first. BLEU is of sentences held out of training.'
          : 'What is left has not been retrained yet.'
      default:
        return phase satisfies never
    }
  }

  async #download(): Promise<void> {
    const { choice, trained } = this.#live
    const address = URL.createObjectURL(await this.#live.packed())
    const link = document.createElement('a')
    link.href = address
    link.download = `${choice.scheme}-${Math.round(100 * choice.fraction)}${trained ? '-retrained' : ''}.espalier`
    link.click()
    // Firefox reads the address a little later.
    setTimeout(() => URL.revokeObjectURL(address), 10_000)
  }
}
