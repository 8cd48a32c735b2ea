// The tensors of a batch, a row each: name, meaning, type and sizes. What packs them, the inputs of exported graphs and the
// checks of runtimes follow from these tables.

/** Where a tensor comes from: the atoms of a crystal, its images, or what some networks ask for besides. */
type Part = 'sites' | 'images' | 'reach' | 'near' | 'waves' | 'frame'

export interface TensorRow {
  readonly dtype: 'int32' | 'float32'
  /** sizes by the letter that is the same in all tensors of a batch, or as they are */
  readonly dims: readonly (string | number)[]
}

/**
 * Of crystals with tables, in the order of a graph's inputs. A atoms, E species a site, S slots, M images a slot, N near
 * images, C crystals, J partners, K wave vectors.
 */
export const BATCH_TENSORS = {
  /** row of the model's element table (Z − 1); padding 0 */
  species: { of: 'sites', dtype: 'int32', dims: ['A', 'E'] },
  /** occupancy of that species; padding 0 */
  occupancy: { of: 'sites', dtype: 'float32', dims: ['A', 'E'] },
  /** i·A + j for the atom j of the slot; padding (i, i) */
  pair: { of: 'images', dtype: 'int32', dims: ['A', 'S'] },
  /** i·(S + 1) + s, s the first slot of the pair (i, j) */
  pair_start: { of: 'images', dtype: 'int32', dims: ['A', 'A'] },
  /** the same after its last slot; equal to pair_start for a pair without */
  pair_end: { of: 'images', dtype: 'int32', dims: ['A', 'A'] },
  /** p_j + n·L − p_i in Å; padding 0 */
  translation: { of: 'images', dtype: 'float32', dims: ['A', 'M', 'S', 3] },
  /** 1 for a real image, 0 for padding */
  image_mask: { of: 'images', dtype: 'float32', dims: ['A', 'M', 'S'] },
  /** adaptive box only, see NeighbourTable.reach */
  image_reach: { of: 'reach', dtype: 'float32', dims: ['A', 'M', 'S'] },
  /** frames by weight only: places along [A·M·S] of images that can be chosen */
  near: { of: 'near', dtype: 'int32', dims: ['A', 'N'] },
  /** flat index of every atom of the same cell; padding i */
  partner: { of: 'waves', dtype: 'int32', dims: ['A', 'J'] },
  /** 1 for a real partner */
  partner_mask: { of: 'waves', dtype: 'float32', dims: ['A', 'J'] },
  /** w_n·cos(k_n·(p_j − p_i)), w_n = 1 for n = 0, else 2 */
  wave_cosine: { of: 'waves', dtype: 'float32', dims: ['A', 'K', 'J'] },
  /** |k_n|² in Å⁻² */
  wave_norm2: { of: 'waves', dtype: 'float32', dims: ['A', 'K'] },
  /** log V of the crystal, V in Å³ */
  log_volume: { of: 'waves', dtype: 'float32', dims: ['A'] },
  /** frames of the cell only: three axes as rows, unit length */
  frame: { of: 'frame', dtype: 'float32', dims: ['A', 3, 3] },
  /** share of the atom in the mean over the crystal, else 0; 1/N of all atoms */
  pool: { of: 'sites', dtype: 'float32', dims: ['C', 'A'] },
} as const satisfies Record<string, TensorRow & { of: Part }>

/** Of cells whose graph makes the images itself. B crystals of at most N atoms, T translations. */
export const CELL_TENSORS = {
  /** row of the model's element table (Z − 1); padding 0 */
  species: { dtype: 'int32', dims: ['B', 'N'] },
  /** fractional coordinates, in any cell; padding 0 */
  frac: { dtype: 'float32', dims: ['B', 'N', 3] },
  /** lattice vectors as rows, Å */
  lattice: { dtype: 'float32', dims: ['B', 3, 3] },
  /** 1 for an atom, 0 for padding */
  atom_mask: { dtype: 'float32', dims: ['B', 'N'] },
  /** whole numbers n of the translations n·L that any of the cells needs */
  translations: { dtype: 'float32', dims: ['T', 3] },
} as const satisfies Record<string, TensorRow>

type Rows = typeof BATCH_TENSORS
export type TableTensorName = keyof Rows
export type CellTensorName = keyof typeof CELL_TENSORS
export type BatchTensorName = TableTensorName | CellTensorName

/** Names of the tensors that come from a part. */
export type TensorsOf<P extends Part> = {
  [Name in TableTensorName]: Rows[Name]['of'] extends P ? Name : never
}[TableTensorName]

/** What the floats of a batch are kept in: float32, which runtimes take, or float64, to evaluate without its rounding. */
export type FloatArray = Float32Array | Float64Array
export type FloatArrays<F extends FloatArray> = new (length: number) => F

/** One tensor of a batch. */
export interface BatchTensor<F extends FloatArray = Float32Array> {
  /** row by row */
  readonly data: F | Int32Array
  /** sizes of the axes */
  readonly dims: readonly number[]
}

export type Tensors<F extends FloatArray, Name extends BatchTensorName> = Readonly<
  Record<Name, BatchTensor<F>>
>

interface Crystals {
  /** A, over all crystals */
  readonly atoms: number
  /** C */
  readonly crystals: number
}

/** Crystals with images in slots. */
export interface TableBatch<F extends FloatArray = Float32Array> extends Crystals {
  readonly kind: 'tables'
  /** S */
  readonly slots: number
  /** M */
  readonly imagesPerSlot: number
  readonly tensors: Tensors<F, TensorsOf<'sites' | 'images'>> &
    Partial<Tensors<F, TensorsOf<'reach' | 'near' | 'waves' | 'frame'>>>
}

/** Crystals without images. */
export interface SiteBatch<F extends FloatArray = Float32Array> extends Crystals {
  readonly kind: 'sites'
  readonly tensors: Tensors<F, TensorsOf<'sites'>> & Partial<Tensors<F, TensorsOf<'waves' | 'frame'>>>
}

/** Cells of which the graph makes the images. */
export interface CellBatch<F extends FloatArray = Float32Array> extends Crystals {
  readonly kind: 'cells'
  readonly tensors: Tensors<F, CellTensorName>
}

/** Many crystals as the typed arrays that models and exported graphs take. */
export type Batch<F extends FloatArray = Float32Array> = TableBatch<F> | SiteBatch<F> | CellBatch<F>
