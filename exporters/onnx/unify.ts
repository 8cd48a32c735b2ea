// Makes one symbolic recording of several concrete ones: the kernels must be the same, sizes that differ become
// expressions in the symbols, and everything else must be equal. What cannot be made one is refused, naming the line.

import { ExportError } from '../../src/errors.ts'
import { formatPlace, type Place, placeOf } from './callsite.ts'
import type { RecordedStep } from './composite.ts'
import { type Expressions, expressions } from './express.ts'
import { type Pattern, patternOf } from './patterns.ts'
import { formatShape, type Size, type Sizes } from './sizes.ts'
import type { Origin, Reference, Snapshot, Tape, TapedTensor, TapeEntry } from './tape.ts'
import type { TensorType } from './values.ts'

export type UnifiedReference =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'output'; readonly step: Step; readonly index: number }
  /** The same at every size. */
  | { readonly kind: 'constant'; readonly snapshot: Snapshot }
  /** Numbers that follow from the sizes. */
  | { readonly kind: 'pattern'; readonly pattern: Pattern; readonly type: TensorType }

/** One kernel of the unified recording. Numbers in attrs that depend on the sizes are Size. */
export interface Step {
  readonly kernel: string
  readonly path: readonly string[]
  readonly site: Error
  readonly inputs: ReadonlyMap<string, UnifiedReference>
  readonly attrs: Readonly<Record<string, unknown>>
  readonly outputs: readonly TensorType[]
  readonly composite?: RecordedStep
}

export interface Unified {
  /** Those that others take results of come before them. */
  readonly steps: readonly Step[]
  readonly outputs: ReadonlyMap<string, UnifiedReference>
  /** Sizes in it that hold a quotient or a limit. */
  readonly rounded: readonly Size[]
}

/** The recordings while they are made one. */
interface Context {
  readonly find: Expressions
  readonly sizes: readonly Sizes[]
  readonly steps: Step[]
  /** By the entry of the first recording. */
  readonly made: Map<TapeEntry, Step>
}

/** @param sizes the value of every symbol at each recording; the first two are the same. */
export function unify(tapes: readonly Tape[], sizes: readonly Sizes[]): Unified {
  sameKernels(tapes, sizes)
  const find = expressions(sizes)
  const steps: Step[] = []
  const context: Context = { find, sizes, steps, made: new Map() }
  const taped = tapes[0].entries
  for (const i of taped.keys()) {
    const seen = tapes.map(({ entries }) => entries[i])
    unifyEntry(seen, context, (entry) => context.made.get(taped[entry])!)
  }
  const outputs = new Map<string, UnifiedReference>()
  for (const name of tapes[0].outputs.keys()) {
    const seen = tapes.map((tape) => tape.outputs.get(name))
    if (!seen.every((output) => output !== undefined)) {
      throw new ExportError(`output "${name}" is returned at some sizes only; return the same names always`)
    }
    const place = () => `output "${name}"`
    unifyTensor(seen, find, place)
    outputs.set(
      name,
      unifyReference(seen, context, (entry) => context.made.get(taped[entry])!, place),
    )
  }
  return { steps, outputs, rounded: find.rounded }
}

function sameKernels(tapes: readonly Tape[], sizes: readonly Sizes[]): void {
  const [first, ...others] = tapes
  for (const [r, other] of others.entries()) {
    const length = Math.max(first.entries.length, other.entries.length)
    for (let i = 0; i < length; i++) {
      const a: TapeEntry | undefined = first.entries[i]
      const b: TapeEntry | undefined = other.entries[i]
      if (a?.kernel === b?.kernel) continue
      if (formatSizes(sizes[0]) === formatSizes(sizes[r + 1])) {
        throw new ExportError(
          `the function does something else each time it is called: kernel ${i} is ${a?.kernel ?? 'missing'} or ` +
            `${b?.kernel ?? 'missing'}, ${formatPlace((a ?? b).site, (a ?? b).path)}; it must not depend on chance or on ` +
            'what was called before',
        )
      }
      throw new ExportError(
        `the function ran ${first.entries.length} kernels at ${formatSizes(sizes[0])} but ${other.entries.length} at ` +
          `${formatSizes(sizes[r + 1])}; they part at kernel ${i} (${a?.kernel ?? 'the end'} or ${b?.kernel ?? 'the end'}), ` +
          `${formatPlace((a ?? b).site, (a ?? b).path)}: a JavaScript loop or branch over a symbolic size cannot be exported; ` +
          'use tensor operations along that axis, or make the size a number in the input shape',
      )
    }
  }
}

const formatSizes = (sizes: Sizes) =>
  Object.entries(sizes)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')

/** @param stepOf the step of a taped entry */
function unifyEntry(seen: readonly TapeEntry[], context: Context, stepOf: (entry: number) => Step): Step {
  const [{ kernel, path, site, inputs, outputs, composite }] = seen
  const place = placeOf(kernel, site, path)
  if (!seen.every((entry) => entry.inputs.size === inputs.size && entry.outputs.length === outputs.length)) {
    throw new ExportError(
      `${place()}: it takes or gives ${seen.map((e) => Math.max(e.inputs.size, e.outputs.length)).join(', ')} tensors at ` +
        'different sizes. A JavaScript array of tensors with a symbolic length cannot be exported; keep that axis in one tensor',
    )
  }
  const references = [...inputs.keys()].map((name): [string, UnifiedReference] => {
    const given = seen.map((entry) => entry.inputs.get(name)!)
    return [name, unifyReference(given, context, stepOf, () => `${place()}, input ${name}`)]
  })
  const step: Step = {
    kernel,
    path,
    site,
    composite,
    inputs: new Map(references),
    attrs: unifyAttribute(
      seen.map((entry) => entry.attrs),
      context.find,
      place,
    ) as Step['attrs'],
    outputs: outputs.map((_, i) =>
      unifyTensor(
        seen.map((entry) => entry.outputs[i]),
        context.find,
        place,
      ),
    ),
  }
  context.steps.push(step)
  context.made.set(seen[0], step)
  return step
}

function unifyTensor(seen: readonly TapedTensor[], find: Expressions, place: Place): TensorType {
  const { dtype, shape } = seen[0]
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new ExportError(`${place()}: dtype ${dtype} cannot be exported; use float32, int32 or bool tensors`)
  }
  if (!seen.every((tensor) => tensor.dtype === dtype && tensor.shape.length === shape.length)) {
    throw new ExportError(`${place()}: its type or rank depends on a symbolic size; make that size a number`)
  }
  return {
    dtype,
    shape: shape.map((_, axis) =>
      unifySize(
        seen.map((tensor) => tensor.shape[axis]),
        find,
        () => `${place()}, axis ${axis}`,
      ),
    ),
  }
}

function unifySize(seen: readonly number[], find: Expressions, place: Place): Size {
  const size = find.find(seen)
  if (size === undefined) {
    throw new ExportError(
      `${place()}: the size (${[...new Set(seen)].join(', ')} in the recordings) is no expression in the symbolic sizes ` +
        'that is known: sums, products, quotients rounded down or up, the smaller or larger of two. Make it a number in ' +
        'the input shape',
    )
  }
  return size
}

function unifyReference(
  seen: readonly Reference[],
  context: Context,
  stepOf: (entry: number) => Step,
  place: Place,
): UnifiedReference {
  const [first] = seen
  if (first.kind === 'constant') {
    const snapshots = seen.map((ref) => (ref.kind === 'constant' ? ref.snapshot : undefined))
    if (snapshots.every((s) => s !== undefined)) return unifyConstant(snapshots, context, place)
  } else if (seen.every((ref) => sameOrigin(ref, first))) {
    return first.kind === 'input' ? first : { kind: 'output', step: stepOf(first.entry), index: first.index }
  }
  throw new ExportError(
    `${place()}: it comes from another kernel in each recording; a JavaScript branch over a symbolic size cannot be exported`,
  )
}

function sameOrigin(a: Reference, b: Reference): boolean {
  if (a.kind === 'input' && b.kind === 'input') return a.name === b.name
  return a.kind === 'output' && b.kind === 'output' && a.entry === b.entry && a.index === b.index
}

/** A constant that is the same at all sizes, or follows a pattern, or is computed from such. */
function unifyConstant(seen: readonly Snapshot[], context: Context, place: Place): UnifiedReference {
  const [first, again] = seen
  if (seen.every((snapshot) => sameConstant(snapshot, first))) return { kind: 'constant', snapshot: first }
  if (again && context.sizes[0] === context.sizes[1] && !sameConstant(first, again)) {
    throw new ExportError(
      `${place()}: this constant of shape [${first.shape}] is drawn at random: it is another one each time the function is ` +
        'called. Make it an input of the function, or leave it out, as layers do outside of training',
    )
  }
  const type = unifyTensor(seen, context.find, place)
  const pattern = patternOf(seen, type.shape, context.find)
  if (pattern) return { kind: 'pattern', pattern, type }
  const origins = seen.map(({ origin }) => origin)
  if (origins.every((origin) => origin !== undefined && alike(origin, origins[0]!))) {
    const entries = origins.map((origin) => origin!.entry)
    const { index } = origins[0]!
    // What constants are made of is constants: none of them is on the tape.
    const step = context.made.get(entries[0]) ?? unifyEntry(entries, context, () => context.steps[0])
    return { kind: 'output', step, index }
  }
  throw new ExportError(
    `${place()}: this constant of shape ${formatShape(type.shape)} differs between the recordings. It was made in JavaScript ` +
      'from a symbolic size, number by number; make it an input of the function, or compute it with tensor operations ' +
      '(tf.range, tf.fill, tf.linalg.bandPart)',
  )
}

const alike = (a: Origin, b: Origin): boolean => a.entry.kernel === b.entry.kernel && a.index === b.index

function sameConstant(a: Snapshot, b: Snapshot): boolean {
  if (a === b) return true
  if (String(a.shape) !== String(b.shape)) return false
  if (a.data === b.data) return true
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false
  return true
}

/** Attributes may nest. Only whole numbers may differ. */
function unifyAttribute(seen: readonly unknown[], find: Expressions, place: Place): unknown {
  const [first] = seen
  if (seen.every((value) => Object.is(value, first))) return first
  if (seen.every(Number.isInteger)) return unifySize(seen as number[], find, place)
  if (seen.every((value) => Array.isArray(value) && value.length === (first as unknown[]).length)) {
    const lists = seen as unknown[][]
    return lists[0].map((_, i) =>
      unifyAttribute(
        lists.map((list) => list[i]),
        find,
        place,
      ),
    )
  }
  if (seen.every((value) => typeof value === 'object' && value !== null && !Array.isArray(value))) {
    const records = seen as Record<string, unknown>[]
    const merged: Record<string, unknown> = Object.create(null)
    for (const key of Object.keys(records[0])) {
      merged[key] = unifyAttribute(
        records.map((record) => record[key]),
        find,
        () => `${place()}, attribute ${key}`,
      )
    }
    return merged
  }
  throw new ExportError(
    `${place()}: the value ${seen.map((value) => JSON.stringify(value)).join(', ')} depends on a symbolic size; ` +
      'make that size a number in the input shape, or compute the value with tensor operations',
  )
}
