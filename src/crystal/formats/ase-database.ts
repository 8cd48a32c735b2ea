// Databases of ASE, .db: the rows of table `systems` in a file of SQLite (ase/db/sqlite.py). Key-value pairs, energies and
// constraints are not kept.

import { LimitError, StructureError } from '../../errors.ts'
import { checkAsePeriodicity, structureOfAtoms } from './ase.ts'
import type { BinaryFormat, ReadContext, Reading } from './format.ts'
import { attempt } from './reading.ts'
import { isSqlite, sqliteRows } from './sqlite.ts'

export const aseDatabase: BinaryFormat<'db'> = {
  name: 'db',
  title: 'ASE database',
  endings: ['.db'],
  begins: isSqlite,
  readBytes: readDatabase,
}

function* readDatabase(bytes: Uint8Array, context: ReadContext): Generator<Reading> {
  for (const row of sqliteRows(bytes, 'systems', context.file)) {
    yield attempt(context, 1, (warnings) => {
      const blob = (name: string) => {
        const value = row.get(name)
        if (value instanceof Uint8Array) return new DataView(value.buffer, value.byteOffset, value.byteLength)
        throw new StructureError(`a row of the database has no ${name}`)
      }
      const [numbers, positions, cell] = [blob('numbers'), blob('positions'), blob('cell')]
      const atoms = numbers.byteLength >> 2
      if (atoms > context.maxSites) throw new LimitError(`${atoms} atoms, allowed are ${context.maxSites}`)
      const pbc = Number(row.get('pbc') ?? 7)
      checkAsePeriodicity(
        [1, 2, 4].map((bit) => (pbc & bit) > 0),
        (message) => warnings.push(message),
      )
      const float64 = (view: DataView) =>
        Array.from({ length: view.byteLength >> 3 }, (_, i) => view.getFloat64(8 * i, true))
      return {
        structure: structureOfAtoms({
          numbers: Array.from({ length: atoms }, (_, i) => numbers.getInt32(4 * i, true)),
          positions: float64(positions),
          cell: float64(cell),
        }),
      }
    })
  }
}
