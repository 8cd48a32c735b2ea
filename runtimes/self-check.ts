// Evaluates the golden samples of a card on a device and compares them with the stored float64 values, before the
// device is trusted. WebGPU and CUDA results have been silently wrong in released versions of onnxruntime.

import { type Structure, structure } from '../src/crystal/structure.ts'
import { CrystalOnnxError, DeviceError, ModelFileError } from '../src/errors.ts'
import { expectedImages } from '../src/periodic/expected-images.ts'
import { type Card, targetError } from './card.ts'
import type { Rows } from './evaluator.ts'
import { MEMBERS } from './outputs.ts'
import { OUTPUT, type Runtime } from './runtime.ts'

/** What is checked. */
type Checked = Pick<Runtime, 'device' | 'evaluate'>

/** Images of all golden samples together at most, so that no file takes minutes to load; usual ones have 10,000. */
const MAX_IMAGES = 2 ** 21
/** A device that needs longer for the golden samples is of no use, or the file was made to take long. */
const MAX_SECONDS = 120

/**
 * The largest relative error over all golden samples and targets, evaluated as predictions are.
 * @throws ModelFileError for samples that would take too long; DeviceError for a device that does, or naming sample,
 *   expected and found value when it exceeds the card's tolerance or is not a number.
 */
export async function selfCheck(card: Card, runtime: Checked): Promise<number> {
  const crystals = card.golden.map((sample) => structure(sample))
  refuseEndless(card, crystals)
  const results = await inTime(runtime, (signal) =>
    runtime.evaluate(crystals, checkedOutputs(card), { signal, trusted: true }),
  )
  return results.reduce((worst, result, n) => Math.max(worst, checked(card, runtime, n, result)), 0)
}

/** The prediction, and those of members where there are some. */
function checkedOutputs({ outputs }: Card): string[] {
  return outputs.includes('members') ? [OUTPUT, MEMBERS] : [OUTPUT]
}

/** What `work` gives, while it does not take too long. */
async function inTime<T>({ device }: Checked, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(MAX_SECONDS * 1000)
  try {
    return await work(late)
  } catch (error) {
    if (!late.aborted) throw error
    throw new DeviceError(
      `device ${device} needs more than ${MAX_SECONDS} seconds for the golden samples of the model`,
    )
  }
}

function refuseEndless({ geometry: { images } }: Card, crystals: readonly Structure[]): void {
  if (!images) return
  const expected = crystals.reduce((sum, crystal) => sum + expectedImages(crystal, images), 0)
  if (expected <= MAX_IMAGES) return
  throw new ModelFileError(
    `the golden samples of the model have ${Math.round(expected).toLocaleString('en-US')} periodic images in reach, ` +
      `expected at most ${MAX_IMAGES.toLocaleString('en-US')}; export it with a smaller radius or smaller samples`,
  )
}

/** The largest relative error of golden sample n. */
function checked(
  { targets, tolerance, golden }: Card,
  { device }: Checked,
  n: number,
  result: Rows | CrystalOnnxError,
): number {
  const refused = (why: string) =>
    new DeviceError(`device ${device} is refused: golden sample "${golden[n].name}" ${why}`)
  if (result instanceof DeviceError) throw refused(`fails: ${result.message}`)
  if (result instanceof CrystalOnnxError) throw result
  const { value, members = [] } = golden[n]
  const compare = (found: ArrayLike<number>, expected: readonly number[], whose: string) =>
    expected.reduce((worst, right, t) => {
      const { name, unit } = targets[t]
      const error = targetError(found[t], right, targets[t])
      if (error <= tolerance) return Math.max(worst, error)
      throw refused(
        `gives ${name} = ${found[t]} ${unit}${whose}, expected ${right} (relative error ${error.toExponential(1)}, ` +
          `tolerance ${tolerance})`,
      )
    }, 0)
  const { [OUTPUT]: mean, [MEMBERS]: each } = result.rows
  return Math.max(
    compare(mean, value, ''),
    ...members.map((own, m) => compare(each.subarray(m * own.length), own, ` by member ${m}`)),
  )
}
