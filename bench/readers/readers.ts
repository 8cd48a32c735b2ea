// Reading structure files, beside gemmi, pymatgen and ASE where a Python has them: processor time of one core for the same
// files, in turns. Atoms are counted on all sides, so that the same work is compared.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readEntries } from '../../src/crystal/read.ts'
import { entriesOfInput } from '../../src/data/structure-files.ts'
import { median } from '../../src/math/median.ts'
import { startPeers } from '../peers/start.ts'
import { writeCifs, writeFrames } from './files.ts'

/** The slower readers take minutes for all: they read every so many-th file. */
const EVERY: Readonly<Record<string, number>> = { gemmi: 1, ase: 25, pymatgen: 25 }

export interface ReaderTime {
  readonly reader: string
  readonly format: 'cif' | 'extxyz'
  readonly files: number
  readonly atoms: number
  readonly failed: number
  readonly mb_per_s: number
  /** median over the passes of how many times as long as ours it takes */
  readonly times_ours: number
}

interface Present {
  readonly here: readonly { name: string; package: string; formats: readonly ('cif' | 'extxyz')[] }[]
  readonly absent: Readonly<Record<string, string>>
}

interface Pass {
  readonly seconds: number
  readonly atoms: number
  readonly failed: number
}

export interface ReaderTimes {
  readonly rows: readonly ReaderTime[]
  /** seconds of one core for all CIF files */
  readonly cif_seconds: number
  readonly absent: Readonly<Record<string, string>>
}

/** @param python with the packages of the others */
export async function benchReaders(
  { passes, files, python }: { readonly passes: number; readonly files: number; readonly python: string },
  onProgress: (message: string) => void,
): Promise<ReaderTimes> {
  const folder = mkdtempSync(join(tmpdir(), 'crystal-onnx-readers-'))
  try {
    onProgress(`${files} files of CIF, ${files} frames`)
    const cif = writeCifs(join(folder, 'cif'), files)
    const frames = join(folder, 'frames.extxyz')
    const work = {
      cif: { ...cif, ours: (paths: readonly string[]) => readFiles(paths) },
      extxyz: { paths: [frames], bytes: writeFrames(frames, files), ours: readStreams },
    }
    const ask = startPeers(
      python,
      fileURLToPath(new URL('readers.py', import.meta.url)),
      'gemmi, pymatgen or ase',
    )
    const { here, absent } = await ask<Present>({})
    const rows: ReaderTime[] = []
    for (const format of ['cif', 'extxyz'] as const) {
      const { paths, bytes, ours } = work[format]
      const add = (reader: string, read: readonly string[], times: readonly Pass[], own: readonly Pass[]) => {
        const megabytes = ((bytes / 1e6) * read.length) / paths.length
        const [{ atoms, failed }] = times
        rows.push({
          ...{ reader, format, files: read.length, atoms, failed },
          mb_per_s: megabytes / median(times.map(({ seconds }) => seconds)),
          times_ours: median(times.map(({ seconds }, n) => seconds / own[n].seconds)),
        })
      }
      const alone: Pass[] = []
      for (let pass = 0; pass <= passes; pass++) alone.push(await ours(paths))
      add('crystal-onnx', paths, alone.slice(1), alone.slice(1))
      for (const { name, package: title, formats } of here.filter(({ formats }) =>
        formats.includes(format),
      )) {
        onProgress(`${title}, ${format} (${formats.join(', ')})`)
        const read = paths.filter((_, n) => n % EVERY[name] === 0)
        const pairs: { theirs: Pass; own: Pass }[] = []
        for (let pass = 0; pass <= passes; pass++) {
          const theirs = await ask<Pass>({ reader: name, format, files: read })
          pairs.push({ theirs, own: await ours(read) })
        }
        // The first pass warms up.
        const [theirs, own] = (['theirs', 'own'] as const).map((who) =>
          pairs.slice(1).map((pair) => pair[who]),
        )
        add(title, read, theirs, own)
      }
    }
    ask.end()
    const { mb_per_s } = rows.find(({ reader, format }) => reader === 'crystal-onnx' && format === 'cif')!
    return { rows, cif_seconds: cif.bytes / 1e6 / mb_per_s, absent }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function readFiles(paths: readonly string[]): Promise<Pass> {
  return timed(async (count) => {
    for (const file of paths) for (const entry of readEntries(readFileSync(file), { file })) count(entry)
  })
}

/** As a stream, as the command line reads. */
function readStreams(paths: readonly string[]): Promise<Pass> {
  return timed(async (count) => {
    for (const path of paths) for await (const { entry } of entriesOfInput(path)) count(entry)
  })
}

type Entry = ReturnType<typeof readEntries> extends Generator<infer One> ? One : never

async function timed(read: (count: (entry: Entry) => void) => Promise<void>): Promise<Pass> {
  let atoms = 0
  let failed = 0
  const before = process.cpuUsage()
  await read((entry) => {
    if ('error' in entry) failed++
    else atoms += entry.structure.frac.length
  })
  const { user, system } = process.cpuUsage(before)
  return { seconds: (user + system) / 1e6, atoms, failed }
}
