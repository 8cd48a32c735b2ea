// What a network learns of a target: its value, or the logarithm of it, for quantities over many orders of magnitude, of
// which the ratio counts. Means, standard deviations and errors that are measured in them are of what is learned.

export const TRANSFORMS = ['log10'] as const
export type Transform = (typeof TRANSFORMS)[number]

/** A target, with what is learned of it; the value itself where nothing is said. */
export interface Transformed {
  readonly transform?: Transform
}

/** What is learned of a value; not a finite number where it has no logarithm. */
export function learned(value: number, { transform }: Transformed): number {
  return transform === 'log10' ? Math.log10(value) : value
}

/** The value of which that is learned. */
export function restored(of: number, { transform }: Transformed): number {
  return transform === 'log10' ? 10 ** of : of
}
