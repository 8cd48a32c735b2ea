// The data that leaves this folder: images per atom, and a batch of crystals as typed arrays.

/** Which periodic images of every atom a model sums over. */
export type ImageSelection =
  | {
      /** Every image within `radius` Å: the converged sum (docs/architecture.md). */
      readonly kind: 'sphere'
      /** Å */
      readonly radius: number
    }
  | {
      /**
       * The published code's box |n_m| ≤ R_m(c) with R_m = max(minimum, ceil((c + 0.01)·|b_m|/2π)) for a cutoff c that the
       * network sets per atom and head, at most `max_cutoff` Å. The table holds the box of `max_cutoff`; `reach` tells the
       * network which image belongs to which c.
       */
      readonly kind: 'adaptive-box'
      /** least R_m */
      readonly minimum: number
      /** Å */
      readonly max_cutoff: number
    }
  | {
      /** The fixed box |n_m| ≤ range. */
      readonly kind: 'box'
      /** largest |n_m| */
      readonly range: number
    }

/** Axes that follow from the cell: its shortest lattice vectors, or the principal axes of its atoms (cell-frames.ts). */
export type FrameKind = 'lattice' | 'pca'

/** What a model needs to be told of a crystal's geometry. Stored in the card of an exported file. */
export interface GeometrySpec {
  /** Present when any head works in real space. */
  readonly images?: ImageSelection
  /** Present when any head works in reciprocal space: wave vectors |n_m| ≤ range, half of the grid. */
  readonly reciprocal?: {
    /** largest |n_m| */
    readonly range: number
  }
  /** Present when the network is given the same frame for every atom of a crystal. */
  readonly frame?: FrameKind
  /** Present when frames are chosen by attention weights, whose logarithms lose at least `decay`·|r|² (Å⁻²). */
  readonly near?: {
    /** Å⁻² */
    readonly decay: number
  }
  /**
   * Present when atoms that an isometry of the crystal takes into each other have the same features: one of each orbit is
   * enough then. `proper` where mirror images may differ.
   */
  readonly symmetry?: 'proper' | 'all'
  /**
   * Present when the graph makes the images itself, from the cell and a table of translations; `images` is then the
   * sphere that it takes them from.
   */
  readonly in_graph?: true
}

/** The periodic images of every atom of one crystal, in float64. Rows of atom i are offsets[i] … offsets[i+1]−1. */
export interface NeighbourTable {
  /** Atoms of the cell. */
  readonly atoms: number
  /** [atoms + 1] */
  readonly offsets: Int32Array
  /** [images] The atom j whose image this is. Ascending within atom i; in scan order of n (n3 fastest) within j. */
  readonly neighbour: Int32Array
  /** [images · 3] p_j + n·L − p_i in Å. */
  readonly displacement: Float64Array
  /** [images] adaptive box only: the image belongs to the box of cutoff c when c > reach. 0: always. */
  readonly reach?: Float64Array
}

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

/**
 * Many crystals as the typed arrays that models and exported graphs take. Names and shapes
 * (A atoms, E species a site, S slots, M images a slot, N near images, C crystals, J partners, K wave vectors):
 *
 * | name            | shape        | dtype   | meaning                                                                |
 * | --------------- | ------------ | ------- | ---------------------------------------------------------------------- |
 * | species         | [A, E]       | int32   | row of the model's element table (Z − 1); padding 0                     |
 * | occupancy       | [A, E]       | float32 | occupancy of that species; padding 0                                    |
 * | pair            | [A, S]       | int32   | i·A + j for the atom j of the slot; padding (i, i)                     |
 * | pair_start      | [A, A]       | int32   | i·(S + 1) + s, s the first slot of the pair (i, j)                     |
 * | pair_end        | [A, A]       | int32   | the same after its last slot; equal to pair_start for a pair without   |
 * | translation     | [A, M, S, 3] | float32 | p_j + n·L − p_i in Å; padding 0                                         |
 * | image_mask      | [A, M, S]    | float32 | 1 for a real image, 0 for padding                                       |
 * | image_reach     | [A, M, S]    | float32 | adaptive box only, see NeighbourTable.reach                             |
 * | near            | [A, N]       | int32   | frames by weight only: places along [A·M·S] of images that can be chosen |
 * | partner         | [A, J]       | int32   | reciprocal only: flat index of every atom of the same cell; padding i   |
 * | partner_mask    | [A, J]       | float32 | reciprocal only: 1 for a real partner                                   |
 * | wave_cosine     | [A, K, J]    | float32 | reciprocal only: w_n·cos(k_n·(p_j − p_i)), w_n = 1 for n = 0, else 2    |
 * | wave_norm2      | [A, K]       | float32 | reciprocal only: |k_n|² in Å⁻²                                          |
 * | log_volume      | [A]          | float32 | reciprocal only: log V of the crystal, V in Å³                          |
 * | frame           | [A, 3, 3]    | float32 | frames of the cell only: three axes as rows, unit length                |
 * | pool            | [C, A]       | float32 | share of the atom in the mean over the crystal, else 0; 1/N of all atoms |
 *
 * Where the graph makes the images itself, these instead (B crystals of at most N atoms, T translations):
 *
 * | name            | shape        | dtype   | meaning                                                                |
 * | --------------- | ------------ | ------- | ---------------------------------------------------------------------- |
 * | species         | [B, N]       | int32   | row of the model's element table (Z − 1); padding 0                     |
 * | frac            | [B, N, 3]    | float32 | fractional coordinates, in any cell; padding 0                          |
 * | lattice         | [B, 3, 3]    | float32 | lattice vectors as rows, Å                                              |
 * | atom_mask       | [B, N]       | float32 | 1 for an atom, 0 for padding                                            |
 * | translations    | [T, 3]       | float32 | whole numbers n of the translations n·L that any of the cells needs     |
 */
export interface Batch<F extends FloatArray = Float32Array> {
  /** A, over all crystals */
  readonly atoms: number
  /** C */
  readonly crystals: number
  /** S; 0 without images */
  readonly slots: number
  /** M; 0 without images */
  readonly imagesPerSlot: number
  /** by name, those that the geometry asks for */
  readonly tensors: Readonly<Record<string, BatchTensor<F>>>
}
