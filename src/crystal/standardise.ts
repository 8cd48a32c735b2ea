// Symmetry of a structure and its primitive standard cell, through moyo (https://github.com/spglib/moyo) compiled to
// WebAssembly. The module is loaded on first use, in Node and in browsers.

import type { MoyoDataset } from '@spglib/moyo-wasm'
import { StructureError } from '../errors.ts'
import type { Mat3, Vec3 } from '../math/vectors.ts'
import { type Site, type Structure, type StructureInput, structure, validated } from './structure.ts'

/** How exact a symmetry must be. */
export interface SymmetryOptions {
  /** Distance in Å within which atoms count as symmetric. Default 0.01, as in pymatgen and Materials Project. */
  readonly symprec?: number
}

/**
 * The primitive cell in its standard setting (International Tables), with the same crystal in it. Sites keep their
 * occupancies: sites with different occupants are different to the symmetry search.
 * @throws StructureError when no symmetry can be found, as for overlapping atoms.
 */
export async function toPrimitive(s: Structure, options: SymmetryOptions = {}): Promise<Structure> {
  const { kinds, dataset } = await analyse(s, options)
  const cell = dataset.prim_std_cell
  const [a, b, c, d, e, f, g, h, i] = cell.lattice.basis
  return structure({
    lattice: [
      [a, b, c],
      [d, e, f],
      [g, h, i],
    ],
    frac: cell.positions,
    species: cell.numbers.map((kind) => kinds[kind - 1]),
    name: s.name,
  })
}

/** A space group, by number and symbol. */
export interface SpaceGroup {
  /** International Tables number, 1 to 230. */
  readonly number: number
  /** Short Hermann–Mauguin symbol: `P 4_2/m n m`. */
  readonly symbol: string
}

/** The space group of a crystal. @throws StructureError when no symmetry can be found. */
export async function spaceGroup(s: Structure, options: SymmetryOptions = {}): Promise<SpaceGroup> {
  const { dataset } = await analyse(s, options)
  return { number: dataset.number, symbol: dataset.hm_symbol }
}

/** The symmetry of a crystal: its space group, and the Wyckoff letter of every site. */
export interface Symmetry extends SpaceGroup {
  /** By site. */
  readonly wyckoffs: readonly string[]
}

/** The symmetry of a crystal. @throws StructureError when none can be found. */
export async function symmetry(s: StructureInput, options: SymmetryOptions = {}): Promise<Symmetry> {
  const { dataset } = await analyse(validated(s), options)
  return { number: dataset.number, symbol: dataset.hm_symbol, wyckoffs: dataset.wyckoffs }
}

async function analyse(s: Structure, { symprec = 0.01 }: SymmetryOptions) {
  const { analyze_cell } = await moyo()
  const { kinds, numbers } = kindsOf(s.species)
  const cell = {
    lattice: { basis: (s.lattice as Mat3).flat() },
    positions: s.frac as readonly Vec3[],
    numbers,
  }
  let dataset: MoyoDataset
  try {
    dataset = analyze_cell(JSON.stringify(cell), symprec, 'Standard')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StructureError(`no symmetry found with symprec = ${symprec} Å: ${reason}`, { cause })
  }
  return { kinds, dataset }
}

/** moyo knows atomic numbers only, so every distinct site gets a number of its own, from 1. */
function kindsOf(species: readonly Site[]): { kinds: Site[]; numbers: number[] } {
  const kinds = new Map<string, { site: Site; number: number }>()
  const numbers = species.map((site) => {
    const key = [...site]
      .sort((x, y) => x.element - y.element)
      .map((o) => `${o.element}:${o.occupancy.toFixed(6)}`)
      .join()
    const kind = kinds.get(key) ?? { site, number: kinds.size + 1 }
    kinds.set(key, kind)
    return kind.number
  })
  return { kinds: [...kinds.values()].map((k) => k.site), numbers }
}

let loading: Promise<typeof import('@spglib/moyo-wasm')> | undefined

function moyo() {
  return (loading ??= load())
}

async function load() {
  const module = await import('@spglib/moyo-wasm')
  // Node's fetch cannot read files, so the bytes are handed over; browsers fetch the file beside the module. Asking
  // `process` keeps node: imports out of browser bundles.
  const builtin = globalThis.process?.getBuiltinModule
  if (builtin === undefined) await module.default()
  else {
    const require = builtin('node:module').createRequire(import.meta.url)
    const path = require.resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm')
    await module.default({ module_or_path: builtin('node:fs').readFileSync(path) })
  }
  return module
}
