// Keeps the attention of the atom that is looked at up to date. One run gives that of all atoms of a crystal; it is kept
// as long as the model is open.

import type { Attention } from '../../runtimes/attention.ts'
import type { Model } from '../../runtimes/model.ts'
import { failureOf } from '../../src/components/failure.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { type PageStore, selectedEntry } from '../state.ts'

export function keepAttending(store: PageStore): void {
  let model: Model | undefined
  let known = new WeakMap<Structure, Promise<Attention>>()
  /** whether no attention of the model was seen yet */
  let isNew = true

  store.watch(['model', 'selected', 'atom'], async (state) => {
    const open = state.model?.model
    if (open !== model) {
      model = open
      known = new WeakMap()
      isNew = true
      store.update({ attending: undefined, pointed: undefined, ...MEAN })
    }
    const structure = selectedEntry(state)?.structure
    if (!model || !structure || state.atom === undefined) return
    const attending = known.get(structure) ?? model.attention(structure)
    known.set(structure, attending)
    const attended = model
    const current = () =>
      store.state.model?.model === attended && selectedEntry(store.state)?.structure === structure
    try {
      const attention = await attending
      if (!current()) return
      // Frames differ from head to head: of a network with frames, one head is looked at.
      const framed = isNew && attention.frames !== undefined
      isNew = false
      store.update({ attending: { attention, structure }, ...(framed ? FIRST : {}) })
    } catch (error) {
      // onnxruntime may not have been there for want of a network: the next look tries again.
      known.delete(structure)
      if (current()) store.update({ attending: { failure: failureOf(error) } })
    }
  })
}

const FIRST = { block: 0, head: 0 }
const MEAN = { block: undefined, head: undefined }
