// What the browser and the server of the page allow: the device that runs, its threads, and a note where there could be
// more than one thread. Also marks the time of the first prediction.

import { part } from './dom.ts'
import type { PageStore } from './state.ts'

/** `performance.getEntriesByName` of this gives the milliseconds from the start of the navigation. */
export const FIRST_PREDICTION = 'first-prediction'

export function showEnvironment(store: PageStore): void {
  const device = part('device')
  store.watch(['model'], ({ model }) => {
    device.hidden = !model
    if (!model) return
    const [runs] = model.model.deviceReport.split(/[;:]/)
    device.textContent = runs
    device.title = model.model.deviceReport
  })
  store.watch(['entries'], ({ entries }) => {
    const predicted = entries.some(({ result }) => result.status === 'done')
    if (predicted && performance.getEntriesByName(FIRST_PREDICTION).length === 0) {
      performance.mark(FIRST_PREDICTION)
    }
  })
  // Shared memory, and threads with it, takes two headers, which a service worker can add from the second visit on.
  const helped = navigator.serviceWorker?.controller != null
  part('isolation').hidden = crossOriginIsolated
  part('isolation-next').textContent = helped
    ? 'Reload the page to get more.'
    : 'A reload may get more, once the page is ready for offline use.'
}
