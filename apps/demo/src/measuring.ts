/** The button that measures, the choice of threads, and what is said meanwhile. */
import { byId, element } from './dom.ts'
import type { FactsTable } from './facts-table.ts'
import { plural } from './format.ts'
import { measureAll } from './measure.ts'
import { errorMessage, type ModelLoader } from './model-loader.ts'

const MOST_THREADS = 8

/** @param sentences are what is measured with */
export function offerMeasuring(loader: ModelLoader, facts: FactsTable, sentences: () => readonly string[]): void {
  const button = byId<HTMLButtonElement>('measure')
  const threads = byId<HTMLSelectElement>('threads')
  const cores = Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1)
  for (let n = 1; n <= cores; n *= 2) threads.append(element('option', { value: String(n) }, plural(n, 'thread')))
  // Elsewhere one thread is all there is.
  byId('threads-label').hidden = !crossOriginIsolated || cores < 2
  button.addEventListener('click', async () => {
    const [n, measured] = [Number(threads.value), byId('measured')]
    // Not disabled: that would take the focus away.
    if (button.getAttribute('aria-disabled') === 'true') return
    button.setAttribute('aria-disabled', 'true')
    measured.textContent = 'Measuring …'
    facts.clearSpeeds()
    const measuredWith = sentences()
    try {
      await measureAll(loader, { threads: n, sentences: measuredWith }, (model, speed) => facts.setSpeed(model, speed))
      measured.textContent =
        `Target words per second, ${plural(n, 'thread')}: ${plural(measuredWith.length, 'sentence')}${n > 1 ? ' a thread' : ''} ` +
        'translated together, and one at a time; beam 5; the median of three turns. ' +
        `This machine has ${plural(navigator.hardwareConcurrency || 1, 'core')}.`
    } catch (error) {
      measured.textContent = `It could not be measured: ${errorMessage(error)}`
    } finally {
      button.removeAttribute('aria-disabled')
    }
  })
}
