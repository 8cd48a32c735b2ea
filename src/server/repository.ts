// The models of a server, by name: those that it was started with, and those of a folder, which is looked at again and
// again. A file that changes is loaded and checks itself beside the version that answers, and takes over when it is ready;
// one that cannot be loaded changes nothing but what the index says.

import type { Model } from '../../runtimes/model.ts'
import { CrystalOnnxError, UnknownModelError } from '../errors.ts'
import { type Found, modelsIn } from './folder.ts'
import type { NamedSource } from './names.ts'
import { shown } from './tensors.ts'
import { type Version, versionOf } from './versions.ts'

/** A row of the index. */
export interface IndexEntry {
  readonly name: string
  readonly version: string
  readonly state: 'READY' | 'LOADING' | 'UNAVAILABLE'
  readonly reason: string
}

export interface Repository {
  /** The model that answers. @throws UnknownModelError */
  get(name: string, version?: string): Version
  /** That of the name, or the only one there is. @throws UnknownModelError */
  only(name: string | undefined): Version & { readonly name: string }
  index(): IndexEntry[]
  /** Loads the model again. @throws UnknownModelError, ModelFileError, DeviceError */
  load(name: string): Promise<void>
  /** Lets go of it, once nobody uses it. @throws UnknownModelError */
  unload(name: string): Promise<void>
  /** Looks at the folder: loads what is new or changed, unloads what went. */
  poll(): Promise<void>
  /** Frees all models, once nobody uses them. */
  close(): Promise<void>
}

export interface RepositoryOptions {
  readonly models: readonly NamedSource[]
  readonly folder?: string
  readonly open: (source: string, name: string) => Promise<Model>
  /** Told of every version that begins or ends to answer, and of every one that cannot be loaded. */
  readonly onChange: (change: Change) => void
}

export interface Change {
  readonly name: string
  readonly version?: string
  readonly what: 'loaded' | 'unloaded' | 'failed'
  readonly error?: unknown
}

interface Entry {
  source: string
  /** Of the folder it lies in. */
  found?: Found
  current?: Version
  /** Versions that were loaded: numbers of those whose file has none. */
  loads: number
  reason: string
  /** Work on this entry goes one after the other. */
  busy: Promise<void>
  loading: boolean
}

export function repositoryOf({ models, folder, open, onChange }: RepositoryOptions): Repository {
  const entries = new Map<string, Entry>()
  const retiring = new Set<Promise<void>>()
  for (const { name, source } of models) add(name, source)

  function add(name: string, source: string, found?: Found): Entry {
    const entry = { source, found, loads: 0, reason: 'not loaded', busy: Promise.resolve(), loading: false }
    entries.set(name, entry)
    return entry
  }

  function entryOf(name: string): Entry {
    const entry = entries.get(name)
    if (entry) return entry
    const known = [...entries.keys()].slice(0, 20).join(', ')
    throw new UnknownModelError(`no model ${shown(name)} here: there are ${known || 'none'}`)
  }

  function retire(name: string, entry: Entry): void {
    const old = entry.current
    if (!old) return
    entry.current = undefined
    const { version } = old
    const gone = old.retire().then(
      () => onChange({ name, version, what: 'unloaded' }),
      (error) => onChange({ name, version, what: 'failed', error }),
    )
    retiring.add(gone)
    gone.finally(() => retiring.delete(gone))
  }

  function inTurn(entry: Entry, work: () => Promise<void>): Promise<void> {
    const done = entry.busy.then(work)
    entry.busy = done.catch(() => {})
    return done
  }

  function reload(name: string, entry: Entry): Promise<void> {
    return inTurn(entry, async () => {
      entry.loading = true
      try {
        const model = await open(entry.source, name)
        entry.loads++
        const next = versionOf(entry.found?.version ?? String(entry.loads), model)
        retire(name, entry)
        entry.current = next
        entry.reason = ''
        onChange({ name, version: next.version, what: 'loaded' })
      } catch (error) {
        entry.reason =
          error instanceof CrystalOnnxError ? error.message : 'cannot be loaded; the log says more'
        onChange({ name, what: 'failed', error })
        throw error
      } finally {
        entry.loading = false
      }
    })
  }

  function get(name: string, version?: string): Version {
    const { current, loading, reason } = entryOf(name)
    if (!current) {
      const why = loading ? 'is being loaded; try again later' : `is not ready: ${reason}`
      throw new UnknownModelError(`model ${shown(name)} ${why}`)
    }
    if (version === undefined || version === '' || version === current.version) return current
    throw new UnknownModelError(
      `model ${shown(name)} has version ${current.version}, not ${shown(version)}; leave it out for the newest`,
    )
  }

  return {
    get,
    only(name) {
      if (name !== undefined) return { ...get(name), name }
      const [first, ...others] = [...entries].filter(([, { current }]) => current).map(([known]) => known)
      if (first !== undefined && others.length === 0) return { ...get(first), name: first }
      const known =
        first === undefined ? 'no model is ready' : `several models: ${[first, ...others].join(', ')}`
      throw new UnknownModelError(`${known}; name one, as in ?model=NAME`)
    },
    index: () =>
      [...entries].map(([name, { current, loading, reason }]) => ({
        name,
        version: current?.version ?? '',
        state: current ? 'READY' : loading ? 'LOADING' : 'UNAVAILABLE',
        reason,
      })),
    async load(name) {
      // What lies in the folder by now counts.
      if (folder !== undefined)
        for (const found of await modelsIn(folder)) if (found.name === name) place(found)
      await reload(name, entryOf(name))
    },
    async unload(name) {
      const entry = entryOf(name)
      await inTurn(entry, async () => {
        retire(name, entry)
        entry.reason = 'unloaded'
      })
    },
    async poll() {
      if (folder === undefined) return
      const found = await modelsIn(folder)
      for (const [name, entry] of entries) {
        if (!entry.found || found.some((model) => model.name === name)) continue
        entries.delete(name)
        await inTurn(entry, async () => retire(name, entry))
      }
      for (const model of found) {
        const known = entries.get(model.name)
        // One that the server was started with has its name for good.
        if (known && (!known.found || known.found.mark === model.mark)) continue
        // Its failure stands in the index, and was told.
        await reload(model.name, place(model)).catch(() => {})
      }
    },
    async close() {
      for (const [name, entry] of entries) {
        await entry.busy
        retire(name, entry)
      }
      await Promise.all(retiring)
    },
  }

  function place(found: Found): Entry {
    const entry = entries.get(found.name) ?? add(found.name, found.path, found)
    if (entry.found) Object.assign(entry, { found, source: found.path })
    return entry
  }
}
