// A size of the layout ragged that host and graph agree on.

/**
 * Images a slot. Measured on both mixes of the benchmark against tables of the best shape: 0.9 to 1.3 times their time with
 * 1 or 2, more with more (docs/decisions/022-ragged-batches.md).
 */
export const IMAGES_PER_SLOT = 2
