// Opens a model and puts it in the place of the one before, which stays where the new one cannot be opened.

import type { LoadProgress, Model } from '../../runtimes/model.ts'
import { load } from '../../runtimes/web/load.ts'
import { failureOf } from '../../src/components/failure.ts'
import { LimitError } from '../../src/errors.ts'
import { LIMITS, mebibytes } from '../intake/limits.ts'
import type { PageStore } from '../state.ts'
import type { ModelSource } from './catalogue.ts'

/** A function that opens models one at a time: asked for another one, it gives up the one before. */
export function modelOpener(store: PageStore): (source: ModelSource) => Promise<void> {
  let current = new AbortController()
  return async (source) => {
    current.abort()
    current = new AbortController()
    const { signal } = current
    store.update({ opening: { source } })
    try {
      if (source.kind === 'file' && source.file.size > LIMITS.modelBytes) {
        const { name, size } = source.file
        throw new LimitError(
          `${name}: ${mebibytes(size)}, the page opens at most ${mebibytes(LIMITS.modelBytes)}; use crystal-onnx predict`,
        )
      }
      const model = await opened(source, signal, (progress) => {
        if (!signal.aborted) store.update({ opening: { source, progress } })
      })
      if (signal.aborted) return void model.dispose()
      const before = store.state.model
      store.update({ model: { model, source }, opening: undefined })
      await before?.model.dispose()
    } catch (error) {
      if (!signal.aborted) store.update({ opening: { source, failure: failureOf(error) } })
    }
  }
}

async function opened(
  source: ModelSource,
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void,
): Promise<Model> {
  if (source.kind !== 'served') {
    return load(source.kind === 'file' ? source.file : source.url, { signal, onProgress })
  }
  // What pages with models of their own need not load.
  const { servedModel } = await import('./served.ts')
  return servedModel(source.url, source, signal)
}
