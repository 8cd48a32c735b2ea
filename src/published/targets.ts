// What the columns of a published network predict: name, unit and scaling. Units as the authors' tables of data sets have
// them.

import { ConfigError } from '../errors.ts'

/** prediction = output·std + mean, in `unit` */
export interface PublishedTarget {
  readonly name: string
  readonly unit: string
  readonly mean: number
  readonly std: number
}

/** MEGNet, JARVIS-DFT and OQMD targets under their names in both repositories. */
const UNITS = new Map([
  ['e_form', 'eV/atom'],
  ['bandgap', 'eV'],
  ['bulk', 'log10(GPa)'],
  ['bulk_modulus', 'log10(GPa)'],
  ['shear', 'log10(GPa)'],
  ['shear_modulus', 'log10(GPa)'],
  ['formation_energy', 'eV/atom'],
  ['total_energy', 'eV/atom'],
  ['opt_bandgap', 'eV'],
  ['mbj_bandgap', 'eV'],
  ['ehull', 'eV'],
  ['stability', 'eV/atom'],
  ['delta_e', 'eV/atom'],
])

/** Unit of a published target, or undefined for a name of someone's own. */
export function unitOf(target: string): string | undefined {
  return UNITS.get(target)
}

export interface TargetChoices {
  /** names, from the hyper-parameters or the user */
  readonly names: readonly string[] | undefined
  /** one unit for all, instead of the known ones */
  readonly unit: string | undefined
  readonly mean: readonly number[] | undefined
  readonly std: readonly number[] | undefined
}

/** One target a column. @throws ConfigError when the numbers of names, means and columns differ. */
export function targetsOf(columns: number, { names, unit, mean, std }: TargetChoices): PublishedTarget[] {
  for (const [what, list] of Object.entries({ names, means: mean, deviations: std })) {
    if (list !== undefined && list.length !== columns) {
      throw new ConfigError(`${list.length} target ${what} for a network of ${columns} outputs`)
    }
  }
  return Array.from({ length: columns }, (_, c) => {
    const name = names?.[c] ?? (columns === 1 ? 'output' : `output_${c}`)
    return { name, unit: unit ?? unitOf(name) ?? '1', mean: mean?.[c] ?? 0, std: std?.[c] ?? 1 }
  })
}
