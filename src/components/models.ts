// Models that several parts of a page show predictions of: one of an address is opened once, and closed when the last part
// that shows it is gone.

import type { LoadProgress, Model } from '../../runtimes/model.ts'
import { type LoadOptions, load } from '../../runtimes/web/load.ts'

/** Where a model comes from: an address, a File or Blob, or bytes. */
export type ModelSource = Parameters<typeof load>[0]

/** How it is opened. What is told of, and cancelled, is the affair of those who share it. */
export type SharedOptions = Omit<LoadOptions, 'signal' | 'onProgress' | 'onWarning' | 'kernels'>

/** A part's hold on a model. */
export interface Hold {
  readonly model: Promise<Model>
  /** To be called once. */
  release(): void
}

interface Shared {
  readonly model: Promise<Model>
  readonly listeners: Set<(progress: LoadProgress) => void>
  users: number
}

const shared = new Map<string, Shared>()

/** Takes hold of a model: of the one that is open already, where it is of the same address with the same options. */
export function holdModel(
  source: ModelSource,
  options: SharedOptions = {},
  onProgress: (progress: LoadProgress) => void = () => {},
): Hold {
  const key = keyOf(source, options)
  const entry = (key !== undefined && shared.get(key)) || open(source, options)
  if (key !== undefined) shared.set(key, entry)
  entry.users++
  entry.listeners.add(onProgress)
  return {
    model: entry.model,
    release() {
      entry.listeners.delete(onProgress)
      entry.users--
      // What is moved within a page, or mounted twice, takes hold again at once.
      setTimeout(() => {
        if (entry.users > 0) return
        if (key !== undefined && shared.get(key) === entry) shared.delete(key)
        entry.model.then(
          (model) => model.dispose(),
          () => {},
        )
      })
    },
  }
}

/** Models of the same key are the same. Bytes have none: nobody compares them. */
function keyOf(source: ModelSource, options: SharedOptions): string | undefined {
  if (typeof source !== 'string' && !(source instanceof URL)) return undefined
  const address = new URL(source, document.baseURI).href
  return JSON.stringify([address, Object.entries(options).sort()])
}

function open(source: ModelSource, options: SharedOptions): Shared {
  const listeners: Shared['listeners'] = new Set()
  const onProgress = (progress: LoadProgress) => {
    for (const listener of listeners) listener(progress)
  }
  const model = load(source, { ...options, onProgress })
  const entry: Shared = { model, listeners, users: 0 }
  // The next one tries again.
  model.catch(() => {
    for (const [key, other] of shared) if (other === entry) shared.delete(key)
  })
  return entry
}
