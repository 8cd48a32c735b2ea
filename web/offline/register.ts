// Registers the service worker that makes the page work without a network, and says when it does.

import { part } from '../dom.ts'
import type { PageStore } from '../state.ts'

export function offline(store: PageStore): void {
  const ready = part('offline')
  // A development server changes its files all the time, and has no list of them.
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  let registered = false
  // Not before the first model is open: until then the network and the processor have better things to do.
  store.watch(['model'], async ({ model }) => {
    if (!model || registered) return
    registered = true
    try {
      await navigator.serviceWorker.register(new URL('service-worker.js', document.baseURI), {
        type: 'module',
      })
      await navigator.serviceWorker.ready
      ready.hidden = false
    } catch (error) {
      // Private windows and some settings forbid it; the page works all the same.
      console.warn(`not available offline: ${(error as Error).message}`)
    }
  })
}
