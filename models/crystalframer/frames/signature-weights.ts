// What the terms of the signature weigh (signature.ts).

/** What the moments of degree 1 to 4 along a direction weigh; none of them special, so that they do not cancel. */
export const WEIGHTS = [1, 0.7, 1.3, 0.9]
/** Factor of the pseudoscalars, which tell mirror images apart. */
export const HANDED = 4
/** Factor of the axial vector, which tells the two ways along an axis apart that a rotation leaves as it is. */
export const AXIAL = 4
/** Factors beside e1: of the side e1 × û, and of the cosine. */
export const SIDE = 2
export const COSINE = 0.5
