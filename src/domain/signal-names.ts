// What tells how far a prediction can be off, in the order of the weights in a domain. New ones come last: a domain has
// weights of those that there were when it was made.

/** See signals.ts for the formulas. */
export const SIGNALS = [
  'distance',
  'neighbour error',
  'disagreement',
  'element error',
  'rare pairs',
  'unseen pairs',
  'unseen elements',
  'denser',
  'sparser',
  'members apart',
] as const
