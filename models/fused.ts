// What a network needs to be run by the fused engine (runtimes/fused): a forward that its kernels know, described by
// numbers. Loaded without tfjs.

import type { FrameKind, GeometrySpec, ImageSelection, Isometries } from '../src/periodic/types.ts'
import type { Weights } from './safetensors.ts'

/** A network for the kernels of the fused engine. */
export interface FusedDescription {
  /** sizes and constants in the order of runtimes/fused/source/plan.h; floats by their bits */
  readonly words: Int32Array
  /** the weights one after the other, in the order of `pack` there */
  readonly weights: Float32Array
  /** the images and frames that it is to be given, and which isometries make atoms equal */
  readonly geometry: {
    readonly images: Extract<ImageSelection, { kind: 'sphere' }>
    readonly symmetry?: Isometries
    readonly frame?: FrameKind
  }
  /** whether it looks at directions of images */
  readonly directions: boolean
  /** whether it chooses frames by them, and so jumps where two are as good (docs/decisions/010-ties.md) */
  readonly chooses: boolean
  /** d, the width of an embedding */
  readonly width: number
}

/** The part of a network's row that the fused engine asks. */
export interface FusedForward {
  /**
   * @param config the hyper-parameters of a card
   * @returns the network, several of which the mean is meant, or why the kernels cannot compute it
   * @throws ConfigError, WeightsError for a configuration or weights that are none of the network
   */
  describe(config: unknown, geometry: GeometrySpec, weights: Weights): readonly FusedDescription[] | string
}
