// Where the page keeps a session in the browser: IndexedDB, with lists of crystals and of results, and the model's file.

import type { Batch } from '../crystals/batch.ts'
import type { Result } from '../crystals/table.ts'

/** Results of some rows, by one model. */
export interface KeptResults {
  readonly rows: readonly number[]
  readonly results: readonly Result[]
}

/** A model of the user's. */
export interface KeptModel {
  readonly name: string
  readonly file: Blob
}

interface Kept {
  readonly batches: Batch
  readonly results: KeptResults
  readonly model: KeptModel
}

export type List = keyof Kept
const LISTS: readonly List[] = ['batches', 'results', 'model']
const NAME = 'crystal-onnx-page'

export interface Database {
  add<L extends List>(list: L, value: Kept[L]): Promise<void>
  all<L extends List>(list: L): Promise<Kept[L][]>
  clear(...lists: List[]): Promise<void>
}

/** Rejects where the browser keeps nothing, as in some private windows. */
export async function openDatabase(): Promise<Database> {
  const request = indexedDB.open(NAME, 1)
  request.onupgradeneeded = () => {
    for (const list of LISTS) request.result.createObjectStore(list, { autoIncrement: true })
  }
  const database = await answer(request)
  const within = <T>(lists: readonly List[], mode: IDBTransactionMode, work: (at: IDBTransaction) => T) => {
    const transaction = database.transaction([...lists], mode)
    const value = work(transaction)
    return new Promise<T>((resolve, reject) => {
      transaction.oncomplete = () => resolve(value)
      transaction.onabort = () => reject(transaction.error)
    })
  }
  return {
    add: (list, value) => within([list], 'readwrite', (at) => void at.objectStore(list).add(value)),
    all: (list) => answer(database.transaction([list]).objectStore(list).getAll()),
    clear: (...lists) =>
      within(lists, 'readwrite', (at) => {
        for (const list of lists) at.objectStore(list).clear()
      }),
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
