// What a folder of results is: the model by its hash, the options, the inputs. Written once, before the first part; whoever
// goes on in the folder has to agree with it. And what was done: a record for each finished part, written after the part.
//
//   OUT/screen.json           the manifest
//   OUT/parts/part-000012-0000.parquet
//   OUT/done/part-000012-0000.json

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ScreenError } from '../errors.ts'
import { makeFolder, textIfThere, writeNew, writeWhole } from '../files.ts'
import { FORMATS, type Format } from './sink.ts'

const MANIFEST = 'screen.json'

const manifestSchema = z.object({
  format: z.literal(1),
  version: z.string(),
  model: z.object({
    file: z.string(),
    sha256: z.string(),
    targets: z.array(z.object({ name: z.string(), unit: z.string() })),
  }),
  options: z.object({
    format: z.enum(FORMATS),
    codec: z.string(),
    rows: z.number(),
    id: z.string().nullable(),
    filter: z.string().nullable(),
    level: z.number(),
    columns: z.array(z.string()),
  }),
  inputs: z.object({ files: z.number(), bytes: z.number(), tasks: z.number(), digest: z.string() }),
  /** Of the parts: type, unit and meaning of each. */
  columns: z.record(
    z.string(),
    z.object({ type: z.string(), unit: z.string().nullable(), meaning: z.string() }),
  ),
})
export type Manifest = z.output<typeof manifestSchema>

const recordSchema = z.object({
  task: z.number(),
  /** Of its task, from 0. */
  part: z.number(),
  /** Whether the task ends with it. */
  last: z.boolean(),
  /** Crystals that were read; those that are not in the part are left out by the filter. */
  read: z.number(),
  rows: z.number(),
  failed: z.number(),
  bytes: z.number(),
  device: z.string(),
  engine: z.string(),
})
/** What is known of a finished part. */
export type PartRecord = z.output<typeof recordSchema>

/** Paths in a folder of results. */
export function placesIn(folder: string) {
  return { parts: join(folder, 'parts'), done: join(folder, 'done'), manifest: join(folder, MANIFEST) }
}

export function partName({ task, part }: Pick<PartRecord, 'task' | 'part'>): string {
  return `part-${String(task).padStart(6, '0')}-${String(part).padStart(4, '0')}`
}

export function partPath(folder: string, place: Pick<PartRecord, 'task' | 'part'>, format: Format): string {
  return join(placesIn(folder).parts, `${partName(place)}.${format}`)
}

/** Begins a folder, or agrees with what it is. @throws ScreenError when it is another screening's; OutputError */
export async function agree(folder: string, manifest: Manifest): Promise<void> {
  const { parts, done, manifest: path } = placesIn(folder)
  const isNew = (await textIfThere(path)) === undefined
  if (isNew) {
    const others = (await readdir(folder).catch(() => [])).filter((name) => !/lock\.json$|\.tmp$/.test(name))
    if (others.length > 0) {
      throw new ScreenError(
        `${folder}: holds other files (${others.slice(0, 3).join(', ')}) and no ${MANIFEST}; choose a new folder`,
      )
    }
    // Of several shards that begin at once, one writes it.
    await writeNew(path, `${JSON.stringify(manifest, undefined, 2)}\n`)
  }
  const known = await readManifest(folder)
  const [was, is] = [flat(known), flat(manifest)]
  for (const [name, value] of was) {
    if (is.get(name) !== value && !name.startsWith('columns'))
      throw refusal(folder, name, value, is.get(name))
  }
  await makeFolder(parts)
  await makeFolder(done)
}

/** @throws ScreenError for a folder that is none of results */
export async function readManifest(folder: string): Promise<Manifest> {
  const { manifest: path } = placesIn(folder)
  const text = await textIfThere(path)
  if (text === undefined)
    throw new ScreenError(`${folder}: holds no ${MANIFEST}; expected a folder that screen wrote`)
  try {
    return manifestSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new ScreenError(`${path}: is damaged, or of another version; screen into a new folder`, { cause })
  }
}

function refusal(folder: string, name: string, was: unknown, is: unknown): ScreenError {
  const [shownWas, shownIs] = [was, is].map((value) => String(value ?? 'nothing').slice(0, 80))
  const what =
    name === 'model.sha256'
      ? `another model (its file has the hash ${shownWas.slice(0, 12)}…, this one ${shownIs.slice(0, 12)}…)`
      : name.startsWith('inputs')
        ? `other inputs (${name.slice(7)} ${shownWas.slice(0, 12)}, now ${shownIs.slice(0, 12)})`
        : `${name.replace('options.', '--')} ${shownWas}, now it is ${shownIs}`
  return new ScreenError(`${folder} was begun with ${what}; go on with the same, or screen into a new folder`)
}

function flat(value: unknown, path = ''): Map<string, unknown> {
  if (path !== 'model.file' && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return new Map(
      Object.entries(value).flatMap(([key, inner]) => [...flat(inner, path === '' ? key : `${path}.${key}`)]),
    )
  }
  if (path === 'model.file') return new Map()
  return new Map([[path, Array.isArray(value) ? JSON.stringify(value) : value]])
}

/** Says that a part is finished. To be called when it has its name. */
export async function writeRecord(folder: string, record: PartRecord): Promise<void> {
  await writeWhole(join(placesIn(folder).done, `${partName(record)}.json`), `${JSON.stringify(record)}\n`)
}

/** The finished parts, in their order; of those whose file is gone or was changed, none. */
export async function finishedParts(folder: string, format: Format): Promise<PartRecord[]> {
  const { done } = placesIn(folder)
  const records: PartRecord[] = []
  for (const name of (await readdir(done)).filter((name) => name.endsWith('.json')).sort()) {
    const record = recordOf(await readFile(join(done, name), 'utf8'))
    if (record === undefined) continue
    const found = await stat(partPath(folder, record, format)).catch(() => undefined)
    if (found?.size === record.bytes) records.push(record)
  }
  return records.sort((a, b) => a.task - b.task || a.part - b.part)
}

function recordOf(text: string): PartRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
