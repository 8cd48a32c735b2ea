// geometry.in of FHI-aims (https://fhi-aims.org): three lattice vectors, and atoms in Å or in fractions of them.

import { LimitError } from '../../errors.ts'
import type { Mat3, Vec3 } from '../../math/vectors.ts'
import { fractionalOf } from '../cell.ts'
import { elementOfSymbol } from '../elements.ts'
import { structure } from '../structure.ts'
import type { FileFormat, Found, ReadContext, Reading } from './format.ts'
import { failAt, type LineSource, quoteLine, sourceOf, vectorAt, wordsOf } from './lines.ts'
import { attempt } from './reading.ts'

export const aims: FileFormat<'aims'> = {
  name: 'aims',
  title: 'FHI-aims',
  endings: ['geometry.in', 'geometry.in.next_step'],
  detect: (text) => /^[ \t]*lattice_vector\s/m.test(text) && /^[ \t]*atom(?:_frac)?\s/m.test(text),
  read: readAims,
}

function* readAims(text: string, context: ReadContext): Generator<Reading> {
  yield attempt(context, context.linesBefore + 1, (warnings) => readOne(sourceOf(text, context), warnings))
}

function readOne(source: LineSource, warnings: string[]): Found {
  const vectors: Vec3[] = []
  const atoms: { n: number; at: Vec3; fractional: boolean; z: number }[] = []
  let ghosts = 0
  for (const [n, line] of source.lines.entries()) {
    const [keyword, , , , symbol] = wordsOf(line.replace(/#.*/, ''))
    if (keyword === 'lattice_vector') vectors.push(vectorAt(source, n, 'lattice_vector', 1))
    else if (keyword === 'atom' || keyword === 'atom_frac') {
      const z = elementOfSymbol(symbol ?? '')
      if (z === undefined) throw failAt(source, n, `${quoteLine(symbol ?? line)} is no element`)
      atoms.push({ n, at: vectorAt(source, n, keyword, 1), fractional: keyword === 'atom_frac', z })
      if (atoms.length > source.context.maxSites) {
        throw new LimitError(`more than ${source.context.maxSites} atoms`)
      }
    } else if (keyword === 'empty' || keyword === 'pseudocore') ghosts++
  }
  if (vectors.length !== 3) {
    throw failAt(source, 0, `${vectors.length} lattice_vector lines, expected 3: only crystals can be read`)
  }
  if (ghosts > 0) warnings.push(`empty sites and pseudocores, left out: ${ghosts}`)
  const lattice = vectors as unknown as Mat3
  const toFractional = fractionalOf(lattice)
  const frac = atoms.map(({ at, fractional }) => (fractional ? at : toFractional(at)))
  return { structure: structure({ lattice, frac, species: atoms.map(({ z }) => z) }) }
}
