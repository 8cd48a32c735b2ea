// Registers the service worker that makes the page work without a network, and says when it does.

import { part } from '../part.ts'
import type { PageStore } from '../state.ts'

export function offline(store: PageStore): void {
  const ready = part('offline')
  // A development server changes its files all the time, and has no list of them.
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  let registered = false
  // Not before the first prediction: until then the network and the processor have better things to do.
  store.watch(['crystals', 'model'], async ({ crystals, model }) => {
    const { done, failed } = crystals.table.counts
    if (!model || done + failed === 0 || registered) return
    registered = true
    try {
      const registration = await navigator.serviceWorker.register(
        new URL('service-worker.js', document.baseURI),
        { type: 'module' },
      )
      tellOfUpdates(registration)
      await navigator.serviceWorker.ready
      ready.hidden = false
    } catch (error) {
      // Private windows and some settings forbid it; the page works all the same.
      console.warn(`not available offline: ${(error as Error).message}`)
    }
  })
}

/** A newer page that waits for this one to be left: says so, and changes over when it is asked to. */
function tellOfUpdates(registration: ServiceWorkerRegistration): void {
  const notice = part('update')
  const look = () => {
    // Without a page that is controlled, the first version is being installed.
    if (registration.waiting && navigator.serviceWorker.controller) notice.hidden = false
  }
  look()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', look)
  })
  part('update-now').addEventListener('click', () => {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload())
    registration.waiting?.postMessage('take over')
  })
}
