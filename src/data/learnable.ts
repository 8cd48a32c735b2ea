// Whether the values of a target can be learned in float32 from their mean and standard deviation: of a reasonable size,
// not the same for all crystals, told apart by more than their last digits, and not drowned by a few that lie far out.

import { momentsOf } from '../math/moments.ts'
import { robustScale, robustScore } from './check/outliers.ts'

/** What is wrong with the values of a target. */
export interface TargetFault {
  readonly kind: 'range' | 'constant' | 'resolution' | 'far-out'
  /** Training cannot work, and is refused. Otherwise it is worse than it could be. */
  readonly isFatal: boolean
  readonly message: string
  /** Places of the values concerned; none where it is all of them. */
  readonly values: readonly number[]
}

/** Sizes that leave float32 (1e-38 to 3e38) room to compute with. */
const LARGEST = 1e30
const SMALLEST = 1e-30
/** Of float32, and so of predictions of a model file; and standard deviation over mean that leaves two, or one, of them. */
const DIGITS = 7
const RESOLVED_BADLY = 1e-5
const NOT_RESOLVED = 1e-6
/** A constant column still has a tiny standard deviation by rounding. */
const CONSTANT = 1e-12
/** Robust standard deviations. */
export const FAR_OUT = 5
/** Standard deviation of all values over that of those that are not far out. */
const DROWNED = 10
const LOST = 1e6

/**
 * The faults of a target called `name`, the worst first.
 * @param train the values that scaling is taken from
 * @param all these and the others
 */
export function targetFaults(name: string, train: readonly number[], all: readonly number[]): TargetFault[] {
  if (train.length === 0) return []
  const range = outOfRange(name, train, all)
  if (range) return [range]
  const flat = constant(name, train) ?? unresolved(name, train)
  const drowned = drownedBy(name, all)
  return [flat, drowned].filter((fault) => fault !== undefined)
}

function outOfRange(name: string, train: readonly number[], all: readonly number[]): TargetFault | undefined {
  const sizes = all.map(Math.abs)
  const most = sizes.reduce((a, b) => Math.max(a, b))
  const { std } = momentsOf(train)
  const isConstant = std === 0
  if (most <= LARGEST && (isConstant || std >= SMALLEST)) return undefined
  const large = all.flatMap((value, n) => (Math.abs(value) > LARGEST ? [n] : []))
  const what =
    most > LARGEST
      ? `is as large as ${most.toPrecision(3)}`
      : `has a standard deviation of ${std.toPrecision(3)}`
  return {
    kind: 'range',
    isFatal: true,
    message: `${name} ${what}, beyond what float32 can compute with: leave such values out, or give it in a unit in which it is nearer to 1`,
    values: large.length < all.length ? large : [],
  }
}

function constant(name: string, train: readonly number[]): TargetFault | undefined {
  const { mean, std } = momentsOf(train)
  if (std > CONSTANT * Math.abs(mean)) return undefined
  return {
    kind: 'constant',
    isFatal: true,
    message: `target "${name}" is ${train[0]} for all ${train.length} train crystals; there is nothing to learn`,
    values: [],
  }
}

function unresolved(name: string, train: readonly number[]): TargetFault | undefined {
  const { mean, std } = momentsOf(train)
  if (std >= RESOLVED_BADLY * Math.abs(mean)) return undefined
  const same = Math.min(DIGITS, Math.floor(Math.log10(Math.abs(mean) / std)))
  return {
    kind: 'resolution',
    isFatal: std < NOT_RESOLVED * Math.abs(mean),
    message:
      `${name} is ${mean.toPrecision(6)} ± ${std.toPrecision(2)}: ${same} of the ${DIGITS} digits that a model's float32 predictions ` +
      `carry are the same for all crystals; subtract ${Number(mean.toPrecision(same))} from it`,
    values: [],
  }
}

function drownedBy(name: string, all: readonly number[]): TargetFault | undefined {
  const { common, ...others } = robustScale(all)
  // What many crystals have is a class of its own where it is 0, as gaps of metals are; else it may stand for no value.
  const scale = common?.value === 0 ? { ...others, common } : others
  const rest = all.filter((value) => Math.abs(robustScore(value, scale)) <= FAR_OUT)
  if (rest.length === all.length || rest.length === 0) return undefined
  const [{ std }, { mean, std: ofRest }] = [momentsOf(all), momentsOf(rest)]
  if (ofRest === 0 || std < DROWNED * ofRest) return undefined
  const values = all.flatMap((value, n) => (Math.abs(value - mean) > DROWNED * ofRest ? [n] : []))
  return {
    kind: 'far-out',
    isFatal: std > LOST * ofRest,
    message:
      `${values.length === 1 ? '1 crystal has' : `${values.length} crystals have`} ${name} so far from the others that the standard deviation ` +
      `becomes ${std.toPrecision(3)} instead of ${ofRest.toPrecision(3)}, and the others look alike to training; leave them ` +
      `out, or learn the logarithm${common && common.value !== 0 ? `; is ${common.value} a missing value?` : ''}`,
    values,
  }
}
