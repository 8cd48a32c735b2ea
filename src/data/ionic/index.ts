// The built-in data set and the physics behind it. Works in a browser: no files, no tfjs.

export { type Compound, compoundsOf } from './compounds.ts'
export { latticeEnergy } from './energy.ts'
export { COULOMB, type EwaldOptions, electrostaticEnergy } from './ewald.ts'
export { generateIonicDataset, IONIC_TARGET, type IonicOptions, ideal } from './generate.ts'
export { ANIONS, CATIONS, type Ion, ionsOf } from './ions.ts'
export { PROTOTYPES, type Prototype, type Role } from './prototypes.ts'
export { repulsiveEnergy } from './repulsion.ts'
