// What the cards of the models say about what they were made of.

import type { Origin, Provenance } from '../../runtimes/card-provenance.ts'

/** Of the files: that of the data. */
const LICENCE = 'CC BY 4.0'

const MATERIALS_PROJECT: Origin = {
  name: 'Materials Project, the set of MEGNet (2018.6.1): 6,158 crystals of it, with its official split',
  licence: 'CC BY 4.0',
  source: 'A. Jain et al., APL Mater. 1, 011002 (2013); C. Chen et al., Chem. Mater. 31, 3564 (2019)',
}

const TEACHER: Origin = {
  name: 'CHGNet 0.3.0',
  licence: 'Modified BSD',
  source: 'B. Deng et al., Nat. Mach. Intell. 5, 1031 (2023)',
}

/** Of a network that learned from `labels` answers of the teacher first. */
export function provenance(labels: number, about: readonly string[]): Provenance {
  return {
    licence: LICENCE,
    data: [MATERIALS_PROJECT],
    teachers: [TEACHER],
    notes: [
      ...about,
      `Taught first by ${labels.toLocaleString('en')} energies that the teacher gave for crystals of exchanged elements, ` +
        'none of them in the chemical system of a crystal of the test split.',
      'The teacher has seen crystals of the Materials Project, those of the test split among them: the error on that split ' +
        'may flatter.',
    ],
  }
}
