/** Brings the visitor's model and its controls together, where the folder's models are of the phrasebook and one is dense. */
import { byId } from '../dom.ts'
import type { Description, LiveDescription, ModelList } from '../list.ts'
import type { ModelLoader } from '../model-loader.ts'
import type { ModelWorker } from '../workers/start.ts'
import { LiveModel } from './live-model.ts'
import { PruneControls } from './prune-controls.ts'
import { RetrainPanel } from './retrain-panel.ts'
import { WeightsStrip } from './weights-strip.ts'

export interface LiveEvents {
  /** The visitor prunes or retrains: it is their model that they want to see. */
  onTouch(): void
  /** The model, or what was measured of it, is another. */
  onChange(): void
}

/** @returns undefined where there is nothing to prune, or no text to measure on and to retrain with */
export function openLive({ phrasebook }: ModelList, dense: Description | undefined, worker: ModelWorker) {
  const possible = phrasebook !== undefined && dense !== undefined
  byId('live').hidden = !possible
  if (!possible) return undefined
  const { weights, kept, bytes, languages } = dense
  const description: LiveDescription = { label: 'Yours', file: '', live: true, weights, kept, bytes, languages }
  return {
    description,
    begin(loader: ModelLoader, { onTouch, onChange }: LiveEvents): LiveModel {
      const live = new LiveModel({ worker, loader, description, text: phrasebook })
      new PruneControls(live)
      new RetrainPanel(live)
      new WeightsStrip(worker, live)
      live.onTouch(onTouch)
      let last = ''
      live.onChange(() => {
        const now = [description.bytes, description.bleu, live.summary()].join()
        if (now !== last) onChange()
        last = now
      })
      return live
    },
  }
}
