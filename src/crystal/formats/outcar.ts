// OUTCAR files of VASP (https://vasp.at/wiki/OUTCAR): the cell and the positions of every ionic step.

import { LimitError } from '../../errors.ts'
import type { Mat3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import { elementOfSymbol } from '../elements.ts'
import { structure } from '../structure.ts'
import type { FileFormat, ReadContext, Reading } from './format.ts'
import {
  failAt,
  type LineSource,
  lineNumber,
  matrixAt,
  quoteLine,
  sourceOf,
  vectorAt,
  wordsOf,
} from './lines.ts'
import { attempt } from './reading.ts'

export const outcar: FileFormat<'outcar'> = {
  name: 'outcar',
  title: 'OUTCAR',
  endings: ['.outcar'],
  fileName: /(?:^|[/\\_.-])OUTCAR(?:[_.\-\d][^/\\]*)?$/,
  detect: (text) => /^ *vasp\.\d/.test(text.slice(0, 1000)) && !/<modeling>/.test(text.slice(0, 1000)),
  read: readOutcar,
}

const POSITIONS = /^ *POSITION +TOTAL-FORCE/

function* readOutcar(text: string, context: ReadContext): Generator<Reading> {
  const source = sourceOf(text, context)
  const species = readSpecies(source)
  let lattice: Mat3 | undefined
  let found = false
  for (let n = 0; n < source.lines.length; n++) {
    const line = source.lines[n]
    // "direct lattice vectors   reciprocal lattice vectors", three numbers each.
    if (/^ *direct lattice vectors/.test(line)) {
      lattice = matrixAt(source, n + 1, 'direct lattice vectors')
    } else if (POSITIONS.test(line)) {
      found = true
      const cell = lattice
      const at = n
      yield attempt(context, lineNumber(source, n), () => {
        if (cell === undefined) throw failAt(source, at, 'positions before any direct lattice vectors')
        const toFractional = fractionalOf(cell)
        const frac = species.map((_, i) => toFractional(vectorAt(source, at + 2 + i, 'POSITION')))
        return { structure: structure({ lattice: cell, frac, species }) }
      })
    }
  }
  if (!found) throw failAt(source, 0, 'no positions: the run did not finish a step')
}

function readSpecies(source: LineSource): number[] {
  const elements: number[] = []
  for (const [n, line] of source.lines.entries()) {
    const [, named] = /^ *VRHFIN *= *([A-Za-z]{1,2}) *:/.exec(line) ?? []
    if (named !== undefined) {
      const z = elementOfSymbol(named)
      if (z === undefined) throw failAt(source, n, `${quoteLine(named)} is no element`)
      elements.push(z)
    }
    if (!/^ *ions per type *=/.test(line)) continue
    const counts = wordsOf(line.slice(line.indexOf('=') + 1)).map(Number)
    const total = counts.reduce((a, b) => a + b, 0)
    if (counts.length !== elements.length || !counts.every((count) => Number.isInteger(count) && count > 0)) {
      throw failAt(
        source,
        n,
        `expected the numbers of ions of ${elements.length} types, found ${quoteLine(line)}`,
      )
    }
    if (total > source.context.maxSites) {
      throw new LimitError(`${total} atoms, allowed are ${source.context.maxSites}`)
    }
    return counts.flatMap((count, i) => new Array<number>(count).fill(elements[i]))
  }
  throw failAt(source, 0, 'no elements: expected lines VRHFIN and "ions per type"')
}
