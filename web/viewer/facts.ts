// What a crystal is, beside its picture: formula, cell, density, space group and Wyckoff letters. Symmetry is found in the
// worker, by moyo, and comes later.

import { element, fill } from '../../src/components/dom.ts'
import type { Failure } from '../../src/components/failure.ts'
import { latticeParameters, volume } from '../../src/crystal/cell.ts'
import { reducedFormula } from '../../src/crystal/formula.ts'
import type { Symmetry } from '../../src/crystal/standardise.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import { density, wyckoffText } from '../../src/viewer/density.ts'
import type { Entry } from '../crystals/table.ts'
import { part } from '../part.ts'
import { symmetryOf } from '../reading/client.ts'
import { type PageStore, selectedEntry } from '../state.ts'
import { formulaNode, spaceGroupNode } from './formula.ts'

/** Milliseconds on one crystal before its symmetry is looked for: a slider passes many. */
const REST_MS = 250
/** More sites than this are not asked for their symmetry: it takes minutes. */
const SYMMETRY_SITES = 2000

/** @param free resolves when symmetry may take the processor */
export function crystalFacts(store: PageStore, free: Promise<void>): void {
  const title = part('crystal-title')
  const list = part('crystal-facts')
  let shown: Structure | undefined
  let rest: ReturnType<typeof setTimeout> | undefined
  store.watch(['selected', 'crystals'], (state) => {
    const entry = selectedEntry(state)
    const { structure } = entry ?? {}
    if (!entry) {
      // Before the first crystal is there, its skeleton stays.
      if (shown) fill(title, 'No structure')
      return fill(list)
    }
    if (structure === shown && shown) return
    shown = structure
    clearTimeout(rest)
    fill(title, structure ? formulaNode(reducedFormula(structure)) : entry.file)
    fill(list, ...(structure ? facts(structure, entry) : []))
    if (!structure || structure.frac.length > SYMMETRY_SITES) return
    rest = setTimeout(async () => {
      await free
      if (shown !== structure) return
      const symmetry = await symmetryOf(structure)
      if (shown === structure) fill(list, ...facts(structure, entry, symmetry))
    }, REST_MS)
  })
}

function facts(structure: Structure, entry: Entry, symmetry?: Symmetry | Failure): HTMLElement[] {
  const [a, b, c, alpha, beta, gamma] = latticeParameters(structure.lattice)
  const atoms = structure.frac.length
  const rows: [string, (string | HTMLElement)[]][] = [
    ['file', [entry.index > 0 ? `${entry.file} #${entry.index + 1}` : entry.file]],
    ...symmetryRows(structure, symmetry),
    ['cell', [`${[a, b, c].map((x) => x.toFixed(3)).join(' · ')} Å`]],
    ['angles', [`${[alpha, beta, gamma].map((x) => x.toFixed(1)).join(' · ')}°`]],
    ['atoms', [`${atoms} ${atoms === 1 ? 'atom' : 'atoms'} in ${volume(structure.lattice).toFixed(1)} Å³`]],
    ['density', [`${density(structure).toFixed(2)} g/cm³`]],
  ]
  return rows.flatMap(([term, parts]) => [element('dt', {}, term), element('dd', {}, ...parts)])
}

function symmetryRows(
  structure: Structure,
  symmetry: Symmetry | Failure | undefined,
): [string, (string | HTMLElement)[]][] {
  if (!symmetry) return []
  if (!('number' in symmetry)) return [['space group', ['no symmetry found']]]
  return [
    ['space group', [spaceGroupNode(symmetry.symbol), ` (${symmetry.number})`]],
    ['Wyckoff letters', [wyckoffText(structure, symmetry)]],
  ]
}
