// What is asked of this folder, and the images per atom that it makes. Batches are in tensors.ts.

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

/**
 * What a model needs to be told of a crystal's geometry: one of three kinds. Stored as it is in the card of an exported file
 * (runtimes/card-geometry.ts).
 */
export type GeometrySpec = TableGeometry | SiteGeometry | GraphGeometry

/** Images per atom, in tables that the host makes. */
export type TableGeometry = {
  readonly images: ImageSelection
  /** Present when frames are chosen by attention weights, whose logarithms lose at least `decay`·|r|² (Å⁻²). */
  readonly near?: {
    /** Å⁻² */
    readonly decay: number
  }
  readonly in_graph?: undefined
} & (EquivalentAtoms | CellWide)

/** Atoms that an isometry of the crystal takes into each other have the same features. */
interface EquivalentAtoms {
  /** Which isometries those are: `proper` where mirror images may differ. `prepareCrystal` can then take one of each orbit. */
  readonly symmetry?: Isometries
  readonly reciprocal?: undefined
  readonly frame?: undefined
}

/** `all`, or those that turn and move a crystal, without mirror images. */
export type Isometries = 'proper' | 'all'

/** What is made of the whole cell: with it, an isometry need not leave the features of an atom as they are. */
export interface CellWide {
  /** Present when any head works in reciprocal space: wave vectors |n_m| ≤ range, half of the grid. */
  readonly reciprocal?: {
    /** largest |n_m| */
    readonly range: number
  }
  /** Present when the network is given the same frame for every atom of a crystal. */
  readonly frame?: FrameKind
  readonly symmetry?: undefined
}

/** Atoms without images: reciprocal space alone, or nothing but species. */
export interface SiteGeometry extends CellWide {
  readonly images?: undefined
  readonly near?: undefined
  readonly in_graph?: undefined
}

/** The graph makes the images itself, from the cell and a table of translations: all within the radius of `images`. */
export interface GraphGeometry {
  readonly images: Extract<ImageSelection, { kind: 'sphere' }>
  readonly in_graph: true
  readonly near?: undefined
  readonly symmetry?: undefined
  readonly reciprocal?: undefined
  readonly frame?: undefined
}

/** The periodic images of every atom of one crystal, in float64. Rows of atom i are offsets[i] … offsets[i+1]−1. */
export interface NeighbourTable {
  /** Atoms of the cell. */
  readonly atoms: number
  /** Atoms that images can be of, of which the first are those with rows: more than `atoms` in a part of a cell (parts.ts). */
  readonly sources?: number
  /** [atoms + 1] */
  readonly offsets: Int32Array
  /** [images] The atom j whose image this is. Ascending within atom i; in scan order of n (n3 fastest) within j. */
  readonly neighbour: Int32Array
  /** [images · 3] p_j + n·L − p_i in Å. */
  readonly displacement: Float64Array
  /** [images] adaptive box only: the image belongs to the box of cutoff c when c > reach. 0: always. */
  readonly reach?: Float64Array
}
