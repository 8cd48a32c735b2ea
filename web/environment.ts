// Where and by what the model is run: engine and device, and a note where onnxruntime could have more than one thread. Also marks the time
// of the first prediction.

import { part } from './part.ts'
import type { PageStore } from './state.ts'

/** `performance.getEntriesByName` of this gives the milliseconds from the start of the navigation. */
export const FIRST_PREDICTION = 'first-prediction'

export function showEnvironment(store: PageStore): void {
  const whereabouts = part('whereabouts')
  const here = whereabouts.textContent
  store.watch(['model', 'opening'], ({ model, opening }) => {
    const source = opening?.source ?? model?.source
    whereabouts.textContent =
      source?.kind === 'served'
        ? `Properties of crystals, predicted by ${source.url.host}: structures are sent there.`
        : here
  })
  const line = part('device')
  store.watch(['model'], ({ model }) => {
    line.hidden = !model
    if (!model) return
    const { engine, device, deviceReport } = model.model
    line.textContent = `${engine === 'fused' ? 'fused engine' : engine} on ${device}`
    line.title = deviceReport
    // The fused engine shares no memory, and a GPU has threads of its own.
    part('isolation').hidden = crossOriginIsolated || engine !== 'onnxruntime' || device !== 'wasm'
  })
  store.watch(['crystals'], ({ crystals }) => {
    const predicted = crystals.table.counts.done > 0
    if (predicted && performance.getEntriesByName(FIRST_PREDICTION).length === 0) {
      performance.mark(FIRST_PREDICTION)
    }
  })
  // Shared memory, and threads with it, takes two headers, which a service worker can add from the second visit on.
  const helped = navigator.serviceWorker?.controller != null
  part('isolation-next').textContent = helped
    ? 'Reload the page to get more.'
    : 'A reload may get more, once the page is ready for offline use.'
}
