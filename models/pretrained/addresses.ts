// Where the files of the models that come with the package are: beside this one, in a checkout and in the package.

/** Formation energy in eV/atom, as the Materials Project has it. docs/models.md */
export const formationEnergy = new URL('./formation-energy.onnx', import.meta.url)

/** The same of a network of a quarter of the size, for pages. */
export const formationEnergySmall = new URL('./formation-energy-small.onnx', import.meta.url)

/** PBE band gap in eV, and whether there is one. */
export const bandGap = new URL('./band-gap.onnx', import.meta.url)

/** Formation energies of the crystals that they learned from, by formula: what `hull` compares with. */
export const knownPhases = new URL('./known-phases.json', import.meta.url)

/** By the names that the command line takes. */
export const PRETRAINED = {
  /** eV/atom */
  'formation-energy': formationEnergy,
  /** eV/atom, of a smaller network */
  'formation-energy-small': formationEnergySmall,
  /** eV */
  'band-gap': bandGap,
} as const

/** What a model that comes with the package is called. */
export type PretrainedName = keyof typeof PRETRAINED

/** Whether a model of this name comes with the package. */
export function isPretrained(name: string): name is PretrainedName {
  return Object.hasOwn(PRETRAINED, name)
}
