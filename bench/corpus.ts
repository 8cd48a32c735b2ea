// Reads a folder of real structure files and compares sites, volumes and compositions with its manifest: `npm run corpus`.
// Exits with 1 below the required share, or when a made-up file is not read, or a broken one not refused.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import { volume } from '../src/crystal/cell.ts'
import { atomicNumber } from '../src/crystal/elements.ts'
import { composition } from '../src/crystal/formula.ts'
import { type ParsedStructure, readEntries, type StructureEntry } from '../src/crystal/read.ts'
import { shared } from '../test/shared.ts'

/** Relative; the manifest gives volumes to five decimals, and cell parameters of some writers have as many. */
const VOLUME = 1e-4
/** Atoms; the manifest gives amounts to three decimals. */
const AMOUNT = 2e-3
/** Share of the files on which other parsers agree that have to be right. */
const REQUIRED = 0.98

interface Expectation {
  readonly ok: boolean | null
  readonly n_sites?: number
  readonly volume?: number
  readonly formula?: string
  readonly true_names?: boolean
  readonly lenient?: string
  readonly frames?: readonly Expectation[]
}

interface ManifestEntry {
  readonly path: string
  readonly format: string
  readonly agree: boolean
  readonly expected: Expectation
}

export interface Check {
  readonly path: string
  readonly format: string
  /** Other parsers agree on this file, so it counts for the share. */
  readonly agreed: boolean
  /** Made for the folder; each of these has to be right. */
  readonly synthetic: boolean
  /** Empty when the file was read, or refused, as expected. */
  readonly problem: string
  readonly warnings: readonly string[]
}

/** Reads every file of the manifest in `folder`. */
export function checkCorpus(folder: string): Check[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as ManifestEntry[]
  return manifest.map(({ path, format, agree, expected }) => {
    const entries = [...readEntries(readFileSync(join(folder, path)), { file: path })]
    return {
      path,
      format,
      agreed: agree,
      synthetic: path.startsWith('synthetic/'),
      problem: expected.ok === false ? notRefused(entries, expected) : misread(entries, expected),
      warnings: entries.flatMap((entry) => entry.warnings),
    }
  })
}

function misread(entries: readonly StructureEntry[], expected: Expectation): string {
  if (expected.ok === null) return ''
  return (expected.frames ?? [expected])
    .map((frame, i) => (entries[i] === undefined ? 'not found' : differs(entries[i], frame)))
    .filter((problem) => problem !== '')
    .join('; ')
}

function differs(entry: StructureEntry, expected: Expectation): string {
  if ('error' in entry) return entry.error.message
  const { structure } = entry
  const v = volume(structure.lattice)
  if (structure.frac.length !== expected.n_sites)
    return `${structure.frac.length} sites, expected ${expected.n_sites}`
  const off = Math.abs(v - expected.volume!) / expected.volume!
  if (off > VOLUME) return `volume ${v.toFixed(5)} Å³, expected ${expected.volume}`
  return entry.placeholders || hasComposition(entry, expected) ? '' : `composition is not ${expected.formula}`
}

/** Whether the amounts of `Na3.6 Cl4` are those of the structure. Made-up names of nameless species are not compared. */
function hasComposition({ structure }: ParsedStructure, { formula, true_names }: Expectation): boolean {
  if (formula === undefined || true_names === false) return true
  const found = composition(structure)
  const wanted = [...formula.matchAll(/([A-Z][a-z]?)([\d.]+)/g)]
  return (
    wanted.length === found.size &&
    wanted.every(([, symbol, n]) => Math.abs((found.get(atomicNumber(symbol)!) ?? 0) - Number(n)) < AMOUNT)
  )
}

function notRefused(entries: readonly StructureEntry[], expected: Expectation): string {
  const refused = entries.every((entry) => 'error' in entry)
  const warned = expected.lenient !== undefined && entries.some((entry) => entry.warnings.length > 0)
  return refused || warned ? '' : 'was read, expected an error'
}

export interface FormatSummary {
  readonly format: string
  readonly agreed: number
  readonly right: number
  readonly share: number
}

/** Per format and in all: how many of the agreed files are right. */
export function summarise(checks: readonly Check[]): FormatSummary[] {
  const formats = [...new Set(checks.map((c) => c.format)), 'all']
  return formats.map((format) => {
    const agreed = checks.filter((c) => c.agreed && (format === 'all' || c.format === format))
    const right = agreed.filter((c) => c.problem === '').length
    return { format, agreed: agreed.length, right, share: agreed.length === 0 ? 1 : right / agreed.length }
  })
}

/** Whether the share is reached and every made-up file is as expected. */
export function passes(checks: readonly Check[]): boolean {
  const all = summarise(checks).at(-1)!
  return all.share >= REQUIRED && checks.every((c) => !c.synthetic || c.problem === '')
}

function report(checks: readonly Check[]): string {
  const table = new Table({
    style: { head: [], border: [] },
    head: ['format', 'agreed files', 'right', 'share'],
  })
  for (const s of summarise(checks))
    table.push([s.format, s.agreed, s.right, `${(100 * s.share).toFixed(1)} %`])
  const synthetic = checks.filter((c) => c.synthetic)
  const wrong = checks.filter((c) => c.problem !== '' && (c.agreed || c.synthetic))
  const apart = checks.filter((c) => c.problem !== '' && !c.agreed && !c.synthetic)
  const list = (items: readonly Check[]) => items.map((c) => `  ${c.path}: ${c.problem}`)
  return [
    table.toString(),
    `made-up files as expected: ${synthetic.filter((c) => c.problem === '').length} of ${synthetic.length}`,
    ...(wrong.length > 0 ? ['not as expected:', ...list(wrong)] : []),
    ...(apart.length > 0
      ? ['different from pymatgen where other parsers are too (not counted):', ...list(apart)]
      : []),
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = shared('corpus')
  const json = process.argv.includes('--json')
  if (folder === undefined) {
    console.error(
      'The folder of structure files is not on this machine (set CRYSTAL_ONNX_SHARED); nothing was checked.',
    )
  } else {
    const checks = checkCorpus(folder)
    console.log(json ? JSON.stringify({ formats: summarise(checks), files: checks }) : report(checks))
    process.exitCode = passes(checks) ? 0 : 1
  }
}
