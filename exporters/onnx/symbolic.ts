// One symbolic recording of a function: records it at small sizes, far away from them, and, where sizes are rounded or
// limited, at the sizes that tell how; then unifies what was recorded.

import type { ExportOptions, InputSpec } from './options.ts'
import { FunctionFailed, type RecordedFunction, record } from './recorder.ts'
import { farSizes, fewSizes, LEVELS, recordingSizes, sweepSizes } from './recording-sizes.ts'
import { evaluate, type Shape, type Sizes, symbols } from './sizes.ts'
import type { Tape } from './tape.ts'
import { type Unified, unify } from './unify.ts'

export interface SymbolicRecording extends Unified {
  /** The sizes that were recorded, with those that stood for what values tell. */
  readonly sizes: readonly Sizes[]
  /** Symbols of sizes that values tell. */
  readonly counts: readonly string[]
}

/** @throws ExportError for a function that fails at all sizes, or is not the same computation at all of them */
export async function recordSymbolic(
  fn: RecordedFunction,
  inputs: Readonly<Record<string, InputSpec>>,
  shapes: ReadonlyMap<string, Shape>,
  options: Pick<ExportOptions, 'sizes' | 'outputs' | 'onProgress'>,
): Promise<SymbolicRecording> {
  const names = [...new Set([...shapes.values()].flatMap((shape) => shape.flatMap(symbols)))]
  const inputsAt = (at: Sizes) =>
    new Map(
      [...shapes].map(([name, shape]) => [
        name,
        { dtype: inputs[name].dtype, shape: shape.map((size) => evaluate(size, at)) },
      ]),
    )
  const recorded = async (sizes: readonly Sizes[], required: number): Promise<Recordings> => {
    const tapes = await record(fn, sizes.map(inputsAt), {
      names: options.outputs,
      mayFail: (i) => i >= required,
      symbols: names,
      counted: (symbol, i) => sizes[i][symbol],
      onRecording: (done) => options.onProgress?.('record', done, sizes.length),
    })
    return sizes.map((at, i) => ({ at, tape: tapes[i]! })).filter(({ tape }) => tape)
  }

  const plain = await firstRecordings(names, [], options.sizes, recorded)
  // What values tell has a size of its own, and is varied like the others once it is known.
  const { counts } = plain[0].tape
  const recordings =
    counts.length === 0
      ? plain
      : await firstRecordings(names, counts, crossed(options.sizes, counts), recorded)
  const first = unified(recordings)
  const more = options.sizes ? [] : sweepSizes(first.rounded, first.sizes)
  if (more.length === 0) return first
  return unified([...recordings, ...(await recorded(more, 0))])
}

type Recordings = readonly { readonly at: Sizes; readonly tape: Tape }[]

function unified(recordings: Recordings): SymbolicRecording {
  const sizes = recordings.map(({ at }) => at)
  return {
    sizes,
    counts: recordings[0].tape.counts,
    ...unify(
      recordings.map(({ tape }) => tape),
      sizes,
    ),
  }
}

/** Sizes that were asked for, each with several that stand for what values tell. */
const crossed = (given: readonly Sizes[] | undefined, counts: readonly string[]) =>
  given?.flatMap((at) => recordingSizes(counts).map((told) => ({ ...at, ...told })))

/** The first sizes come twice: what differs then is random. Far away a function may fail. */
async function firstRecordings(
  inputs: readonly string[],
  counts: readonly string[],
  given: readonly Sizes[] | undefined,
  recorded: (sizes: readonly Sizes[], required: number) => Promise<Recordings>,
): Promise<Recordings> {
  const names = [...inputs, ...counts]
  const levels = given || names.length === 0 ? 1 : LEVELS
  let failure: unknown
  for (let level = 0; level < levels; level++) {
    const [first, ...others] = recordingSizes(names, given, level)
    const near = [first, first, ...others]
    try {
      return await recorded(
        [...near, ...(given ? [] : farSizes(names, near)), ...fewSizes(counts, near)],
        near.length,
      )
    } catch (error) {
      if (!(error instanceof FunctionFailed)) throw error
      failure ??= error
    }
  }
  throw failure
}
