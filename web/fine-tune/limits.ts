// What a page fine-tunes with at most: minutes of one core.

export const LIMITS = {
  crystals: 5000,
  /** of one crystal */
  atoms: 200,
  epochs: 500,
} as const

/** Crystals of one step. */
export const BATCH = 16

/** Steps in which a network that was trained before learns what a few hundred crystals teach, and bounds on its epochs. */
const STEPS = 400
const [FEWEST_EPOCHS, MOST_EPOCHS] = [15, 150]

/** @param labelled crystals, of which about three quarters teach */
export function usualEpochs(labelled: number): number {
  const epochs = Math.round(STEPS / Math.max(1, (0.75 * labelled) / BATCH))
  return Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, epochs))
}
