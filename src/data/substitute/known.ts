// Crystals that are there already, so that none comes twice. They are told by their fingerprints, whatever their cells.

import type { Structure } from '../../crystal/structure.ts'
import { CrystalOnnxError } from '../../errors.ts'
import { alike, type Fingerprint, fingerprint } from '../check/fingerprint.ts'

/** Relative difference of fingerprints up to which crystals count as the same; that of `data check`. */
const TOLERANCE = 0.01

export class KnownCrystals {
  private readonly byComposition = new Map<string, Fingerprint[]>()

  /** Adds a crystal unless it is there; says whether it was added. */
  add(structure: Structure): boolean {
    const print = fingerprint(structure)
    const group = this.byComposition.get(print.composition)
    if (group?.some((other) => alike(print, other, TOLERANCE))) return false
    if (group) group.push(print)
    else this.byComposition.set(print.composition, [print])
    return true
  }

  /** The same for crystals of files; a cell that has no fingerprint is like no other. */
  addAll(structures: Iterable<Structure>): void {
    for (const structure of structures) {
      try {
        this.add(structure)
      } catch (error) {
        if (!(error instanceof CrystalOnnxError)) throw error
      }
    }
  }
}
