// Keeps crystals, results and the model for the next visit, in this browser; `Clear` forgets them. Bounded: what is
// larger is not kept, and the page says so.

import { memoryOf } from '../crystals/batch.ts'
import { type CrystalTable, crystalTable } from '../crystals/table.ts'
import { LIMITS, mebibytes } from '../intake/limits.ts'
import { type ModelSource, modelKey } from '../model/catalogue.ts'
import { paced } from '../pace.ts'
import { part } from '../part.ts'
import { lookAt, type PageStore } from '../state.ts'
import { type Database, openDatabase } from './database.ts'

/** In localStorage, which can be asked before anything else: which model was open, and which row was looked at. */
const ABOUT = 'crystal-onnx-session'
const SAVE_MS = 1500
/** Results that are copied before the page gets a turn. */
const PIECE = 200

interface About {
  readonly model: string
  readonly selected: number | undefined
}

/** What the page was left with; undefined where nothing is kept. */
export async function keptSession(
  bundled: readonly ModelSource[],
): Promise<{ readonly source: ModelSource; restore(store: PageStore): void } | undefined> {
  const about = readAbout()
  if (!about) return undefined
  try {
    const database = await openDatabase()
    const [batches, results, [model]] = await Promise.all([
      database.all('batches'),
      database.all('results'),
      database.all('model'),
    ])
    if (batches.length === 0) return undefined
    const own = model && ownModel(model.name, model.file)
    const source = [...bundled, ...(own ? [own] : [])].find((source) => modelKey(source) === about.model)
    const table = crystalTable()
    for (const batch of batches) table.append(batch)
    if (source) table.predictedBy = about.model
    for (const { rows, results: found } of source ? results : []) {
      for (const [n, row] of rows.entries()) if (row < table.count) table.settle(row, found[n])
    }
    const selected = about.selected !== undefined && about.selected < table.count ? about.selected : 0
    return {
      source: source ?? bundled[0],
      restore: (store) => store.update({ crystals: { table }, example: undefined, ...lookAt(selected) }),
    }
  } catch (error) {
    console.warn(`the last session cannot be read: ${(error as Error).message}`)
    return undefined
  }
}

function ownModel(name: string, file: Blob): ModelSource {
  return { kind: 'file', name, file: new File([file], name) }
}

function readAbout(): About | undefined {
  try {
    return JSON.parse(localStorage.getItem(ABOUT) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/** Saves what changes, from time to time. */
export function keepSession(store: PageStore): void {
  const note = part('session-note')
  let table: CrystalTable | undefined
  let saved = { batches: 0, bytes: 0, rows: new Set<number>(), model: '' }
  let database: Promise<Database> | undefined
  let saving: Promise<void> = Promise.resolve()

  async function save(): Promise<void> {
    const { crystals, example, model, selected } = store.state
    const current = crystals.table
    if (table !== current) {
      table = current
      saved = { batches: 0, bytes: 0, rows: new Set(), model: '' }
      note.hidden = true
      if (readAbout()) await forget()
    }
    if (example || current.count === 0 || saved.bytes > LIMITS.sessionBytes) return
    const kept = await (database ??= openDatabase())
    for (; saved.batches < current.batches.length; saved.batches++) {
      const batch = current.batches[saved.batches]
      saved.bytes += memoryOf(batch).reduce((sum, { byteLength }) => sum + byteLength, 0)
      if (saved.bytes > LIMITS.sessionBytes) {
        note.textContent = `More than ${mebibytes(LIMITS.sessionBytes)}: not kept for the next visit.`
        note.hidden = false
        return forget()
      }
      await kept.add('batches', batch)
    }
    if (!model) return
    const key = modelKey(model.source)
    if (saved.model !== key) {
      saved.rows.clear()
      saved.model = key
      await kept.clear('results', 'model')
      const { source } = model
      if (source.kind === 'file' && source.file.size <= LIMITS.sessionModelBytes) {
        await kept.add('model', { name: source.name, file: source.file })
      }
    }
    const rows: number[] = []
    for (let row = 0; row < current.count; row++) {
      if (current.result(row).status !== 'waiting' && !saved.rows.has(row)) rows.push(row)
    }
    for (let at = 0; at < rows.length; at += PIECE) {
      const piece = rows.slice(at, at + PIECE)
      await kept.add('results', { rows: piece, results: piece.map((row) => current.result(row)) })
      for (const row of piece) saved.rows.add(row)
    }
    localStorage.setItem(ABOUT, JSON.stringify({ model: key, selected } satisfies About))
  }

  async function forget(): Promise<void> {
    localStorage.removeItem(ABOUT)
    const kept = await (database ??= openDatabase())
    await kept.clear('batches', 'results', 'model')
  }

  const savePaced = paced(SAVE_MS, () => {
    saving = saving.then(save).catch((error) => {
      // Private windows and full disks: the page works without.
      console.warn(`the session is not kept: ${(error as Error).message}`)
    })
  })
  store.watch(['crystals', 'selected', 'model'], ({ crystals }) => {
    if (crystals.table.count > 0 || table) savePaced()
  })
}
