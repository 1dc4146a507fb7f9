/** The models as radio buttons, with how far each has been loaded. */
import { byId, element } from './dom.ts'
import { percent, size } from './format.ts'
import type { Description } from './list.ts'
import type { LoadState, ModelLoader } from './model-loader.ts'

/** @param onChoose is called with what the visitor chooses */
export function showChoice(loader: ModelLoader, chosen: Description, onChoose: (model: Description) => void): void {
  const place = byId('models')
  loader.models.forEach((model, i) => {
    const radio = element('input', { type: 'radio', name: 'model', id: `model-${i}`, 'aria-describedby': `state-${i}` })
    radio.checked = model === chosen
    radio.addEventListener('change', () => onChoose(model))
    const progress = element('progress', { 'aria-label': `Loading ${model.label}`, max: '1' })
    const state = element('span', { id: `state-${i}`, class: 'state' })
    place.append(
      element('div', { class: 'model' }, radio, element('label', { for: `model-${i}` }, model.label, state), progress),
    )
    const show = () => showState(model, loader.state(model), state, progress)
    show()
    loader.onChange(changed => changed === model && show())
  })
}

function showState(model: Description, state: LoadState, text: HTMLElement, progress: HTMLProgressElement): void {
  progress.hidden = state.kind !== 'loading'
  text.classList.toggle('failed', state.kind === 'failed')
  switch (state.kind) {
    case 'waiting':
      text.textContent = `${size(model.bytes)}, not loaded yet`
      return
    case 'loading': {
      const total = state.total ?? model.bytes
      progress.value = total > 0 ? Math.min(1, state.received / total) : 0
      text.textContent = `${size(state.received)} of ${size(total)}`
      return
    }
    case 'ready':
      text.textContent = describe(model)
      return
    case 'failed':
      text.textContent = 'could not be loaded'
      return
    default:
      state satisfies never
  }
}

function describe({ bytes, kept, weights }: Description): string {
  if (kept === undefined || weights === undefined) return size(bytes)
  return `${size(bytes)}, ${kept === weights ? 'all weights' : `${percent(kept / weights)} of weights left`}`
}
