// Names of what Triton gives a graph, of the layouts of a batch, and what a model may be called.

import { ConfigError } from '../../src/errors.ts'

/** Where the atoms of each crystal end among those of the batch: Triton counts them. */
export const ATOMS_END = 'atoms_end'

/**
 * How a batch comes to the graph. `cells`: numbers, coordinates and lattices, of which the graph makes the images; `ragged`:
 * the images of every crystal, of which the graph makes tables; `tables`: those tables, which a host makes of many crystals.
 */
export const LAYOUTS = ['cells', 'ragged', 'tables'] as const
/** One of them. */
export type Layout = (typeof LAYOUTS)[number]

/** What Triton takes for the name of a folder, and people can type. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/
/** @throws ConfigError */
export function checkModelName(name: string): void {
  if (NAME.test(name)) return
  throw new ConfigError(
    `model name "${name}": expected up to 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit`,
  )
}
