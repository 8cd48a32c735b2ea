// XSF files of XCrySDen (http://www.xcrysden.org/doc/XSF.html): CRYSTAL, SLAB and POLYMER, one structure or the steps of an
// animation. Forces and grids are not kept.

import { LimitError } from '../../errors.ts'
import type { Mat3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import { elementOfSymbol } from '../elements.ts'
import { checkPeriodicity } from '../periodicity.ts'
import { structure } from '../structure.ts'
import type { FileFormat, ReadContext, Reading } from './format.ts'
import { failAt, lineNumber, matrixAt, quoteLine, sourceOf, vectorAt, wordsOf } from './lines.ts'
import { attempt } from './reading.ts'

export const xsf: FileFormat<'xsf'> = {
  name: 'xsf',
  title: 'XSF',
  endings: ['.xsf', '.axsf'],
  detect(text) {
    const lines = text.slice(0, 5000).split('\n')
    const first = lines.find((line) => !/^\s*(?:$|#|ANIMSTEPS)/i.test(line))
    return /^(?:CRYSTAL|SLAB|POLYMER|MOLECULE|DIM-GROUP)$/i.test(first?.trim() ?? '')
  },
  read: readXsf,
}

/** Directions in which each repeats. */
const DIMENSIONS = new Map([
  ['CRYSTAL', 3],
  ['SLAB', 2],
  ['POLYMER', 1],
  ['MOLECULE', 0],
])

function* readXsf(text: string, context: ReadContext): Generator<Reading> {
  const source = sourceOf(text, context)
  let dimensions = 3
  let kind = 'CRYSTAL'
  let lattice: Mat3 | undefined
  let found = false
  for (let n = 0; n < source.lines.length; n++) {
    const [word = '', count] = wordsOf(source.lines[n])
    const keyword = word.toUpperCase()
    if (DIMENSIONS.has(keyword)) [kind, dimensions] = [keyword, DIMENSIONS.get(keyword)!]
    else if (keyword === 'DIM-GROUP')
      [kind, dimensions] = ['DIM-GROUP', Number(wordsOf(source.lines[n + 1])[0])]
    else if (keyword === 'PRIMVEC') lattice = matrixAt(source, n + 1, 'PRIMVEC')
    else if (keyword === 'PRIMCOORD' || keyword === 'ATOMS') {
      found = true
      const [at, cell] = [n, lattice]
      yield attempt(context, lineNumber(source, n), (warnings) => {
        checkPeriodicity(
          [1, 2, 3].map((d) => d <= dimensions),
          kind,
          (message) => warnings.push(message),
        )
        if (cell === undefined) throw failAt(source, at, `${word}${count ? ` ${count}` : ''} without PRIMVEC`)
        if (keyword === 'ATOMS') throw failAt(source, at, 'ATOMS are those of a molecule; expected PRIMCOORD')
        return { structure: readAtoms(at, cell) }
      })
    }
  }
  if (!found) throw failAt(source, 0, 'no PRIMCOORD: expected the number of atoms and a line for each')

  function readAtoms(at: number, cell: Mat3) {
    const atoms = Number(wordsOf(source.lines[at + 1])[0])
    if (!Number.isInteger(atoms) || atoms < 1) {
      throw failAt(source, at + 1, `expected the number of atoms, found ${quoteLine(source.lines[at + 1])}`)
    }
    if (atoms > context.maxSites) throw new LimitError(`${atoms} atoms, allowed are ${context.maxSites}`)
    const toFractional = fractionalOf(cell)
    const rows = Array.from({ length: atoms }, (_, i) => at + 2 + i)
    return structure({
      lattice: cell,
      frac: rows.map((n) => toFractional(vectorAt(source, n, 'PRIMCOORD', 1))),
      species: rows.map((n) => {
        const [symbol] = wordsOf(source.lines[n])
        const z = /^\d+$/.test(symbol) ? Number(symbol) : elementOfSymbol(symbol)
        if (z === undefined || z < 1 || z > 118) throw failAt(source, n, `${quoteLine(symbol)} is no element`)
        return z
      }),
    })
  }
}
