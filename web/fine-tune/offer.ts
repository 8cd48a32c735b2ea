// Offers to fine-tune the open model where the structures carry numbers. What does it is loaded when it is opened.

import type { ModelSource } from '../model/catalogue.ts'
import { paced } from '../pace.ts'
import { part } from '../part.ts'
import type { PageStore } from '../state.ts'

/** Milliseconds between two counts while files are read. */
const COUNT_MS = 500

export function fineTuning(store: PageStore, open: (source: ModelSource) => Promise<void>): void {
  const details = part<HTMLDetailsElement>('fine-tune')
  const title = part('fine-tune-title')
  let isLoaded = false
  const tell = paced(COUNT_MS, () => {
    const { table } = store.state.crystals
    const labelled = table.labelled
    title.textContent =
      labelled < 2
        ? 'Fine-tune this model on crystals of yours'
        : `Fine-tune on these ${labelled.toLocaleString('en')} labelled crystals`
  })
  store.watch(['crystals'], tell)
  store.watch(['model', 'opening'], ({ model }) => {
    details.hidden = !model
  })
  details.addEventListener('toggle', async () => {
    if (!details.open || isLoaded) return
    isLoaded = true
    const { fineTunePanel } = await import('./panel.ts')
    fineTunePanel(store, open)
  })
}
