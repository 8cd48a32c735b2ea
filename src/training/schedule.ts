// The learning rate of every optimiser step, a function of its number alone, so that a resumed run needs no state.

import type { TrainingOptions } from './options.ts'

/** Steps after which the published schedule has fallen to 1/√2. */
const HALF_LIFE = 4000
/** Share of the learning rate that the cosine schedule ends with. */
const COSINE_END = 0.05

/**
 * Learning rate for step `t`, counted from 0. inverse_sqrt: lr·√(4000 / (4000 + t)), Taniai et al. 2024, appendix.
 * @param horizon steps planned before averaging, over which the cosine falls. From there on the caller keeps `t`, so
 *   that the rate stays what it was.
 */
export function learningRate(
  options: Pick<TrainingOptions, 'learning_rate' | 'schedule' | 'warmup_steps'>,
  t: number,
  horizon: number,
): number {
  const { learning_rate: peak, schedule, warmup_steps: warmup } = options
  const rising = warmup > 0 ? Math.min(1, (t + 1) / warmup) : 1
  if (schedule === 'inverse_sqrt') return peak * rising * Math.sqrt(HALF_LIFE / (HALF_LIFE + t))
  const progress = Math.min(1, t / horizon)
  return peak * rising * (COSINE_END + ((1 - COSINE_END) * (1 + Math.cos(Math.PI * progress))) / 2)
}
