// XDATCAR files of VASP (https://vasp.at/wiki/XDATCAR): the head of a POSCAR, then a frame for each step; where the cell
// varies, the head stands before every frame.

import { LimitError } from '../../errors.ts'
import { fractionalOf } from '../cell.ts'
import { structure } from '../structure.ts'
import type { FileFormat, ReadContext, Reading } from './format.ts'
import { failAt, findLine, lineNumber, sourceOf, vectorAt } from './lines.ts'
import { FRAME, readCounts, readLattice } from './poscar.ts'
import { attempt } from './reading.ts'

export const xdatcar: FileFormat<'xdatcar'> = {
  name: 'xdatcar',
  title: 'XDATCAR',
  endings: ['.xdatcar'],
  fileName: /(?:^|[/\\_.-])XDATCAR(?:[_.\-\d][^/\\]*)?$/,
  detect: (text) => FRAME.test(text.slice(0, 100_000)) && !/<modeling>/.test(text.slice(0, 1000)),
  read: readXdatcar,
}

/** Lines of a head: more elements than fill a few lines no cell has. */
const HEAD = 40

function* readXdatcar(text: string, context: ReadContext): Generator<Reading> {
  const source = sourceOf(text, context)
  let start = findLine(source, FRAME)
  if (start === -1) throw failAt(source, 0, 'no frame: expected a line such as "Direct configuration= 1"')
  let head = readHead(0)
  while (start !== -1) {
    const next = findLine(source, FRAME, start + 1)
    yield attempt(context, lineNumber(source, start), () => ({ structure: frame(start, head) }))
    const end = start + 1 + head.species.length
    // What stands between two frames and is no atom is a head of its own.
    if (next > end && source.lines.slice(end, next).some((line) => line.trim() !== '')) head = readHead(end)
    start = next
  }

  function readHead(at: number) {
    const lines = source.lines.slice(at, at + HEAD)
    const part = { lines, context: { ...context, linesBefore: context.linesBefore + at } }
    const { lattice, scale } = readLattice(part)
    const { names, counts } = readCounts(part, 5)
    const total = counts.reduce((a, b) => a + b)
    if (total > context.maxSites) throw new LimitError(`${total} atoms, allowed are ${context.maxSites}`)
    const elements = names.length > 0 ? names : counts.map((_, i) => (i % 118) + 1)
    const species = elements.flatMap((z, i) => new Array<number>(counts[i]).fill(z))
    return { lattice, scale, species, title: lines[0].trim(), named: names.length > 0 }
  }
  function frame(at: number, { lattice, scale, species, title, named }: typeof head) {
    if (!named)
      throw failAt(source, 5, 'the head names no elements; add a line with their symbols above the counts')
    const rows = species.map((_, i) => vectorAt(source, at + 1 + i, 'coordinates'))
    const cartesian = /^\s*cart/i.test(source.lines[at])
    const toFractional = fractionalOf(lattice)
    const frac = cartesian ? rows.map((r) => toFractional(scale(r))) : rows
    return structure({ lattice, frac, species, name: title || undefined })
  }
}
