// The crystal that is looked at: what it is, which colour is which element, and its view (view.ts), which comes after the
// first prediction.

import { fill } from '../../src/components/dom.ts'
import { legendOf } from '../../src/components/legend.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { part } from '../part.ts'
import { type PageState, type PageStore, selectedEntry } from '../state.ts'
import { crystalFacts } from './facts.ts'

export function viewerPanel(store: PageStore): void {
  const free = firstResult(store)
  crystalFacts(store, free)
  let shown: Structure | undefined
  store.watch(['selected', 'crystals'], (state) => {
    const structure = selectedEntry(state)?.structure
    if (structure !== shown) fill(part('legend'), ...(structure ? legendOf(structure) : []))
    shown = structure
  })
  void free.then(async () => {
    const { crystalView } = await import('./view.ts')
    crystalView(store)
  })
}

/**
 * Resolves when the first prediction is there, or cannot be. Drawing keeps the processor, and where it is done in software
 * the search for a GPU, from what matters more; and so does what finds symmetries.
 */
function firstResult(store: PageStore): Promise<void> {
  return new Promise((resolve) => {
    store.watch(['crystals', 'opening'], ({ crystals, opening }: PageState) => {
      if (crystals.table.counts.done > 0 || (opening && 'failure' in opening)) resolve()
    })
  })
}
