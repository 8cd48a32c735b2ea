// The learning rate of every optimiser step, a function of its number alone, so that a resumed run needs no state.

import type { TrainingOptions } from './options.ts'

/** Steps after which the published schedule has fallen to 1/√2. */
const HALF_LIFE = 4000
/** Share of the learning rate that the cosine schedule ends with. */
const COSINE_END = 0.05

/**
 * Learning rate for step `t`, counted from 0. From step `frozenFrom` on (the start of weight averaging) it stays what
 * it was there. inverse_sqrt: lr·√(4000 / (4000 + t)). Taniai et al. 2024, appendix.
 */
export function learningRate(
  options: Pick<TrainingOptions, 'learning_rate' | 'schedule' | 'warmup_steps'>,
  t: number,
  frozenFrom: number,
): number {
  const { learning_rate: peak, schedule, warmup_steps: warmup } = options
  const step = Math.min(t, frozenFrom)
  const rising = warmup > 0 ? Math.min(1, (step + 1) / warmup) : 1
  if (schedule === 'inverse_sqrt') return peak * rising * Math.sqrt(HALF_LIFE / (HALF_LIFE + step))
  const progress = step / Math.max(1, frozenFrom)
  return peak * rising * (COSINE_END + ((1 - COSINE_END) * (1 + Math.cos(Math.PI * progress))) / 2)
}
