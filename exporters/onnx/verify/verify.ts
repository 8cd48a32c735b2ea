// Runs what was exported beside the function that it was exported from, at sizes that were not recorded. What differs
// twice, with other numbers, is no rounding at an edge: the export is refused.

import { ExportError } from '../../../src/errors.ts'
import { random } from '../../../src/math/random/xoshiro.ts'
import type { ExternalData, InputSpec, TensorInfo, Verified } from '../options.ts'
import type { RecordedFunction } from '../recorder.ts'
import { sampleValues } from '../samples.ts'
import { evaluate, type Shape, type Sizes, symbols } from '../sizes.ts'
import { type Comparison, compare, type Output } from './compare.ts'
import { type Given, type Original, original } from './original.ts'
import { type FileSession, LARGE, openFile } from './session.ts'

export interface Exported {
  readonly bytes: Uint8Array
  /** The file beside it. */
  readonly external?: ExternalData
  readonly fn: RecordedFunction
  readonly specs: Readonly<Record<string, InputSpec>>
  readonly shapes: ReadonlyMap<string, Shape>
  /** Inputs and outputs of the file. */
  readonly graph: { readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] }
  /** Names of outputs, for a function that returns a tensor or an array. */
  readonly names: readonly string[] | undefined
  /** Symbols of sizes that values tell. */
  readonly counts: readonly string[]
}

/**
 * @param sizes to try; those where the function fails, or gives nothing, are passed over
 * @param spare sizes to try where it fails at all of them
 * @throws ExportError naming the size and the output where the file and the function differ, or when no size could be tried
 */
export async function verifyExport(
  exported: Exported,
  sizes: readonly Sizes[],
  spare: readonly Sizes[],
): Promise<{ readonly verified: Verified; readonly notes: readonly string[] }> {
  const start = performance.now()
  const large = (exported.external?.length ?? 0) > LARGE
  const run = await original(exported.fn, exported.names, large)
  const session = await openFile(
    exported,
    exported.graph.inputs.map(({ name }) => name),
  )
  const tried: Sizes[] = []
  /** Outputs that had no element at any size yet. */
  const empty = new Set(exported.graph.outputs.map(({ name }) => name))
  const notes: string[] = []
  let worst = 0
  let failure: unknown
  try {
    const own = new Set([...exported.shapes.values()].flatMap((shape) => shape.flatMap(symbols)))
    const ofInputs = (at: Sizes): Sizes =>
      Object.fromEntries(Object.entries(at).filter(([name]) => own.has(name)))
    for (const [i, at] of [...sizes, ...spare].map(ofInputs).entries()) {
      if (tried.length > 0 && i >= sizes.length) break
      if (large && tried.length === FEW_SIZES) break
      const result = await tryAt(exported, at, run, session)
      if ('failure' in result) {
        failure ??= result.failure
        continue
      }
      tried.push(at)
      for (const name of result.filled) empty.delete(name)
      worst = Math.max(worst, result.error)
      if (result.note !== undefined) notes.push(result.note)
    }
  } finally {
    await session.release()
  }
  if (tried.length === 0) {
    throw new ExportError(
      `the function fails with every input that was tried: ${(failure as Error).message}. Give the inputs a sample of ` +
        'legal values, or leave the comparison out with option verify: false',
      { cause: failure },
    )
  }
  for (const name of empty) {
    notes.push(
      `output "${name}" was empty at all sizes that were tried, in tfjs as in the file: nothing else of it was compared. Give ` +
        'the inputs a sample with which something is left',
    )
  }
  const ms = performance.now() - start
  return { verified: { runtime: session.runtime, sizes: tried, error: worst, ms }, notes }
}

/** Where each takes long: the smallest. */
const FEW_SIZES = 2

type Trial =
  | { readonly error: number; readonly note?: string; readonly filled: readonly string[] }
  | { readonly failure: unknown }

/** Numbers of one draw, on the fast backend of tfjs or on the careful one, which refuses what is outside of a tensor. */
const ATTEMPTS = [
  { draw: 0, careful: false },
  { draw: 0, careful: true },
  { draw: 1, careful: true },
] as const

/**
 * Draws numbers once. Where the results differ, the CPU backend of tfjs has its say: the wasm backend goes on with whatever
 * lies outside of a tensor, and some of its kernels broadcast wrongly. Then numbers are drawn once more.
 */
async function tryAt(exported: Exported, at: Sizes, run: Original, session: FileSession): Promise<Trial> {
  let before: string | undefined
  let last: ExportError | undefined
  for (const { draw, careful } of ATTEMPTS) {
    const trial = await firstThatRuns(exported, at, draw, careful, run)
    if (!trial.outputs) return { failure: trial.failure }
    const found = await session.run(trial.inputs).catch((cause: unknown) => {
      throw new ExportError(
        `the exported file fails at ${formatSizes(at)}, where the function does not: ${(cause as Error).message}`,
        { cause },
      )
    })
    const compared = exported.graph.outputs.map(({ name }): [string, Comparison] => [
      name,
      compare(found.get(name)!, trial.outputs.get(name)!),
    ])
    // tf.squeeze of an axis that happens to be 1 is no other function, but another shape.
    const ones = Object.values(at).includes(1) || exported.counts.length > 0
    const squeezed = compared.find(([, comparison]) => comparison.squeezed)
    const differing =
      compared.find(([, { difference }]) => difference !== undefined) ?? (ones ? undefined : squeezed)
    const result = {
      error: Math.max(0, ...compared.map(([, { error }]) => error)),
      filled: filledOf(trial.outputs),
    }
    if (!differing) return { ...result, note: before ?? (squeezed && noteOfOnes(at, squeezed[0])) }
    const [name, { difference = 'other axes of size 1', error }] = differing
    if (draw === 0) {
      before ??=
        `at ${formatSizes(at)} output "${name}" agrees with the CPU backend of tfjs, but not with its wasm backend, or not ` +
        `with all numbers: ${difference}`
      continue
    }
    const spread = await rounding(exported, trial.inputs, trial.outputs, run)
    if (error <= AMPLIFIED * spread && error < MOST) {
      const note =
        `at ${formatSizes(at)} output "${name}" differs by ${error.toExponential(1)} of its largest number: ` +
        `rounding alone moves the function by ${spread.toExponential(1)}`
      return { ...result, note }
    }
    last = new ExportError(
      `the exported file is not the function at ${formatSizes(at)}: output "${name}", ${difference}. What it does there ` +
        'did not show at the sizes that were recorded: a JavaScript branch or number that depends on a size. Use tensor ' +
        'operations instead, make the size a number in the input shape, or record on both sides with option sizes',
    )
  }
  throw last
}

const noteOfOnes = (at: Sizes, name: string): string =>
  `at ${formatSizes(at)} tfjs gives output "${name}" other axes of size 1 than the file, which keeps those that it has at ` +
  'other sizes'

const filledOf = (outputs: ReadonlyMap<string, Output>): string[] =>
  [...outputs].filter(([, { dims }]) => !dims.includes(0)).map(([name]) => name)

/** As many times what rounding the inputs does may rounding on the way do. */
const AMPLIFIED = 10
/** What differs by more is no rounding. */
const MOST = 0.05
/** The last digits of float32. */
const LAST_DIGITS = 2 ** -22

/** How far the outputs move when only the last digits of the inputs do. */
async function rounding(
  { graph, specs }: Exported,
  inputs: ReadonlyMap<string, Given>,
  outputs: ReadonlyMap<string, Output>,
  run: Original,
): Promise<number> {
  const moved = new Map(
    [...inputs].map(([name, given]) => [
      name,
      specs[name].dtype === 'float32'
        ? {
            ...given,
            data: Float32Array.from(given.data, (x, n) => x * (1 + (n % 2 ? 1 : -1) * LAST_DIGITS)),
          }
        : given,
    ]),
  )
  const again = await run(moved, true)
  return Math.max(...graph.outputs.map(({ name }) => compare(again.get(name)!, outputs.get(name)!).error))
}

/** Inputs and outputs: integers are drawn at random first; where the function refuses those, they are 0. */
async function firstThatRuns(exported: Exported, at: Sizes, draw: number, careful: boolean, run: Original) {
  let failure: unknown
  for (const kind of ['drawn', 'zero'] as const) {
    const inputs = new Map(
      Object.entries(exported.specs).map(([name, spec]) => [
        name,
        given(name, spec, exported, at, draw, kind),
      ]),
    )
    try {
      const outputs = await run(inputs, careful)
      const empty = [...outputs].find(([, { dims }]) => dims.includes(0))
      if (!empty || exported.counts.length > 0) return { inputs, outputs }
      return { failure: new ExportError(`output "${empty[0]}" is empty`) }
    } catch (cause) {
      failure ??= cause
    }
  }
  return { failure }
}

function given(
  name: string,
  spec: InputSpec,
  { shapes }: Exported,
  at: Sizes,
  draw: number,
  kind: 'drawn' | 'zero',
): Given {
  const { dtype } = spec
  const dims = shapes.get(name)!.map((size) => evaluate(size, at))
  const data = sampleValues(name, spec, dims, at, draw)
  if (dtype !== 'float32' && !spec.sample && kind === 'drawn') {
    const { between } = random(data.length + draw)
    for (let i = 0; i < data.length; i++) data[i] = Math.floor(between(0, 2))
  }
  return { dtype, dims, data }
}

const formatSizes = (sizes: Sizes) =>
  Object.entries(sizes)
    .map(([name, size]) => `${name} = ${size}`)
    .join(', ') || 'its only size'
