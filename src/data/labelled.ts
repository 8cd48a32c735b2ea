// One labelled crystal and its line of a data file. This is the whole definition of the form:
//
//   {"id": "mp-22862", "lattice": [[…],[…],[…]], "frac": [[…], …], "numbers": [11, 17],
//    "split": "train", "targets": {"e_form": -2.1}}
//
// `lattice` rows are a, b, c in Å; `frac` has a row a site; `numbers` are atomic numbers. A disordered crystal has
// `species` in place of `numbers`, a list of {"element": Z, "occupancy": x} for each site. `split` may be missing;
// a target that is null counts as missing. `data label` adds "source": {"e_form": "who says so"}, and "error": "why not"
// where it has no label. Keys that are not named here are ignored. Not here: files and streams.

import { checkScale } from '../crystal/scale.ts'
import { isOrdered, type Site, type Structure, structure } from '../crystal/structure.ts'
import { CrystalOnnxError, DatasetError } from '../errors.ts'

export const SPLITS = ['train', 'val', 'test'] as const
/** What a crystal is for: to learn from, to tune on, or to judge by. */
export type Split = (typeof SPLITS)[number]

/** A crystal with what is to be learned about it. */
export interface LabelledCrystal {
  /** Unique within a data set. */
  readonly id: string
  /** The crystal. */
  readonly structure: Structure
  /** What it is for, where the data set says so. */
  readonly split?: Split
  /** Value by target name; an object without a prototype, so that any name is a plain key. */
  readonly targets: Readonly<Record<string, number>>
  /** Who says so, by target name: a program with its version. */
  readonly source?: Readonly<Record<string, string>>
  /** Why a label is missing. */
  readonly error?: string
}

/** Builds one from its parts; copies `targets` to an object without a prototype. @throws StructureError for a cell beyond any size */
export function labelledCrystal(parts: {
  id: string
  structure: Structure
  split?: Split
  targets: Iterable<readonly [name: string, value: number]>
  source?: Readonly<Record<string, string>>
  error?: string
}): LabelledCrystal {
  const targets: Record<string, number> = Object.create(null)
  for (const [name, value] of parts.targets) targets[name] = value
  const { id, structure, split, source, error } = parts
  checkScale(structure)
  return Object.freeze({
    ...{ id, structure, ...(split && { split }), targets: Object.freeze(targets) },
    ...(source && { source: Object.freeze({ ...source }) }),
    ...(error && { error }),
  })
}

/**
 * Reads one line of a data file.
 * @throws DatasetError that says what is wrong, without a file or line: the caller knows those.
 */
export function parseLabelledCrystal(line: string): LabelledCrystal {
  return labelledCrystalOf(parseJson(line))
}

/** The same from a parsed value. */
export function labelledCrystalOf(value: unknown): LabelledCrystal {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = Array.isArray(value) ? 'an array' : String(value)
    throw new DatasetError(`expected an object {"id", "lattice", "frac", "numbers", …}, found ${found}`)
  }
  const fields = new Map<string, unknown>(Object.entries(value))
  const id = fields.get('id')
  if (typeof id !== 'string' || id === '') {
    throw new DatasetError(`"id" is ${show(id)}, expected a text that is not empty`)
  }
  try {
    return labelledCrystal({
      id,
      structure: structure({
        lattice: rows(fields, 'lattice'),
        frac: rows(fields, 'frac'),
        species: species(fields),
      }),
      split: split(fields.get('split')),
      targets: targets(fields.get('targets')),
      source: sources(fields.get('source')),
      error: text(fields.get('error')),
    })
  } catch (cause) {
    if (!(cause instanceof CrystalOnnxError)) throw cause
    throw new DatasetError(`${id}: ${cause.message}`, { cause })
  }
}

/** The line of a crystal, without the newline. Every digit of a number is kept. */
export function formatLabelledCrystal(crystal: LabelledCrystal): string {
  const { id, structure, split, targets, source, error } = crystal
  const { lattice, frac } = structure
  const sites = isOrdered(structure)
    ? { numbers: structure.species.map(([only]) => only.element) }
    : { species: structure.species }
  return JSON.stringify({ id, lattice, frac, ...sites, split, targets, source, error })
}

/** NaN, which Python writes where a value is missing, is null. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    const withNull = line.replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)|\bNaN\b/gs, (part) =>
      part === 'NaN' ? 'null' : part,
    )
    if (withNull !== line) return parseJson(withNull)
    throw new DatasetError(`not JSON (${(cause as Error).message}); expected one crystal a line`, { cause })
  }
}

function rows(fields: Map<string, unknown>, key: string): readonly (readonly number[])[] {
  const value = fields.get(key)
  if (!Array.isArray(value) || !value.every(Array.isArray)) {
    throw new DatasetError(`"${key}" is ${show(value)}, expected a list of [x, y, z]`)
  }
  return value
}

function species(fields: Map<string, unknown>): readonly (number | Site)[] {
  const numbers = fields.get('numbers')
  const sites = fields.get('species')
  if ((numbers === undefined) === (sites === undefined)) {
    throw new DatasetError(`expected either "numbers" or "species", found ${numbers ? 'both' : 'neither'}`)
  }
  if (numbers !== undefined) {
    if (Array.isArray(numbers) && numbers.every((z) => typeof z === 'number')) return numbers
    throw new DatasetError(`"numbers" is ${show(numbers)}, expected a list of atomic numbers`)
  }
  if (!Array.isArray(sites)) throw new DatasetError(`"species" is ${show(sites)}, expected a list of sites`)
  return sites.map((site, i) => {
    if (Array.isArray(site) && site.every((o) => typeof o === 'object' && o !== null)) return site as Site
    throw new DatasetError(
      `"species" of site ${i + 1} is ${show(site)}, expected a list of {"element": Z, "occupancy": x}`,
    )
  })
}

function split(value: unknown): Split | undefined {
  if (value === undefined || value === null) return undefined
  const known = SPLITS.find((s) => s === value)
  if (!known) throw new DatasetError(`"split" is ${show(value)}, expected one of ${SPLITS.join(', ')}`)
  return known
}

function targets(value: unknown): [string, number][] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DatasetError(`"targets" is ${show(value)}, expected an object of numbers by name`)
  }
  return Object.entries(value).filter((entry): entry is [string, number] => {
    const [name, target] = entry
    if (target === null) return false
    if (Number.isFinite(target)) return true
    throw new DatasetError(`target "${name}" is ${show(target)}, expected a finite number or null`)
  })
}

/** Data sets of others have their own idea of a source: what is not texts by name is ignored. */
function sources(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const texts = Object.entries(value)
  return texts.every(([, said]) => typeof said === 'string') ? Object.fromEntries(texts) : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A value as it stood in the file, cut short. */
function show(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number') return String(value)
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
