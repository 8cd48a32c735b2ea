// Names of what Triton gives a graph, and of the layouts of a batch.

/** Where the atoms of each crystal end among those of the batch: Triton counts them. */
export const ATOMS_END = 'atoms_end'

/**
 * How a batch comes to the graph. `cells`: numbers, coordinates and lattices, of which the graph makes the images; `ragged`:
 * the images of every crystal, of which the graph makes tables; `tables`: those tables, which a host makes of many crystals.
 */
export const LAYOUTS = ['cells', 'ragged', 'tables'] as const
/** One of them. */
export type Layout = (typeof LAYOUTS)[number]
