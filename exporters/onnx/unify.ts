// Makes one symbolic recording of several concrete ones: the kernels must be the same, sizes that differ become
// expressions in the symbols, and everything else must be equal. What cannot be made one is refused, naming the line.

import { ExportError } from '../../src/errors.ts'
import { formatSite, type Place, placeOf } from './callsite.ts'
import type { CompositeKernel } from './composite.ts'
import { type Expressions, expressions } from './express.ts'
import { formatShape, type Shape, type Size, type Sizes } from './sizes.ts'
import type { Reference, Snapshot, Tape, TapedTensor, TapeEntry } from './tape.ts'
import type { TensorType } from './values.ts'

/** A constant; where its shape is symbolic, all elements have one value. */
export interface UnifiedConstant {
  readonly kind: 'constant'
  readonly snapshot: Snapshot
  readonly shape: Shape
}
export type UnifiedReference = Exclude<Reference, { kind: 'constant' }> | UnifiedConstant

/** One kernel of the unified recording. Numbers in attrs that depend on the sizes are Size. */
export interface Step {
  readonly kernel: string
  readonly path: readonly string[]
  readonly site: Error
  readonly inputs: ReadonlyMap<string, UnifiedReference>
  readonly attrs: Readonly<Record<string, unknown>>
  readonly outputs: readonly TensorType[]
  readonly composite?: CompositeKernel
}

export interface Unified {
  readonly steps: readonly Step[]
  readonly outputs: ReadonlyMap<string, UnifiedReference & TensorType>
}

/** @param sizes the value of every symbol at each recording. */
export function unify(tapes: readonly Tape[], sizes: readonly Sizes[]): Unified {
  sameKernels(tapes, sizes)
  const find = expressions(sizes)
  const steps = tapes[0].entries.map((_, i) =>
    unifyEntry(
      tapes.map(({ entries }) => entries[i]),
      find,
    ),
  )
  const outputs = new Map<string, UnifiedReference & TensorType>()
  for (const name of tapes[0].outputs.keys()) {
    const seen = tapes.map((tape) => tape.outputs.get(name))
    if (!seen.every((output) => output !== undefined)) {
      throw new ExportError(`output "${name}" is returned at some sizes only; return the same names always`)
    }
    const place = () => `output "${name}"`
    outputs.set(name, { ...unifyReference(seen, find, place), ...unifyTensor(seen, find, place) })
  }
  return { steps, outputs }
}

function sameKernels(tapes: readonly Tape[], sizes: readonly Sizes[]): void {
  const [first, ...others] = tapes
  for (const [r, other] of others.entries()) {
    const length = Math.max(first.entries.length, other.entries.length)
    for (let i = 0; i < length; i++) {
      const a: TapeEntry | undefined = first.entries[i]
      const b: TapeEntry | undefined = other.entries[i]
      if (a?.kernel === b?.kernel) continue
      throw new ExportError(
        `the function ran ${first.entries.length} kernels at ${formatSizes(sizes[0])} but ${other.entries.length} at ` +
          `${formatSizes(sizes[r + 1])}; they part at kernel ${i} (${a?.kernel ?? 'the end'} or ${b?.kernel ?? 'the end'}), ` +
          `called from ${formatSite((a ?? b).site)}: a JavaScript loop or branch over a symbolic size cannot be exported; ` +
          'use tensor operations along that axis, or make the size a number in the input shape',
      )
    }
  }
}

const formatSizes = (sizes: Sizes) =>
  Object.entries(sizes)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')

function unifyEntry(seen: readonly TapeEntry[], find: Expressions): Step {
  const [{ kernel, path, site, inputs, outputs, composite }] = seen
  const place = placeOf(kernel, site)
  if (!seen.every((entry) => entry.inputs.size === inputs.size && entry.outputs.length === outputs.length)) {
    throw new ExportError(
      `${place()}: it takes or gives ${seen.map((e) => Math.max(e.inputs.size, e.outputs.length)).join(', ')} tensors at ` +
        'different sizes. A JavaScript array of tensors with a symbolic length cannot be exported; keep that axis in one tensor',
    )
  }
  return {
    kernel,
    path,
    site,
    composite,
    inputs: new Map(
      [...inputs.keys()].map((name) => [
        name,
        unifyReference(
          seen.map((entry) => entry.inputs.get(name)!),
          find,
          () => `${place()}, input ${name}`,
        ),
      ]),
    ),
    attrs: unifyAttribute(
      seen.map((entry) => entry.attrs),
      find,
      place,
    ) as Step['attrs'],
    outputs: outputs.map((_, i) =>
      unifyTensor(
        seen.map((entry) => entry.outputs[i]),
        find,
        place,
      ),
    ),
  }
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
      `${place()}: the size (${seen.join(', ')} in the recordings) is no sum of products of the symbolic sizes; ` +
        'a size that depends on values, or is rounded, cannot be exported: make it a number in the input shape',
    )
  }
  return size
}

function unifyReference(seen: readonly Reference[], find: Expressions, place: Place): UnifiedReference {
  const [first] = seen
  if (first.kind === 'constant') {
    const snapshots = seen.map((ref) => (ref.kind === 'constant' ? ref.snapshot : undefined))
    if (snapshots.every((s) => s !== undefined)) return unifyConstant(snapshots, find, place)
  } else if (seen.every((ref) => sameOrigin(ref, first))) {
    return first
  }
  throw new ExportError(
    `${place()}: it comes from another kernel in each recording; a JavaScript branch over a symbolic size cannot be exported`,
  )
}

function sameOrigin(a: Reference, b: Reference): boolean {
  if (a.kind === 'input' && b.kind === 'input') return a.name === b.name
  return a.kind === 'output' && b.kind === 'output' && a.entry === b.entry && a.index === b.index
}

function unifyConstant(seen: readonly Snapshot[], find: Expressions, place: Place): UnifiedConstant {
  const [first] = seen
  if (seen.every((s) => s === first)) return { kind: 'constant', snapshot: first, shape: first.shape }
  const { shape } = unifyTensor(seen, find, place)
  const symbolic = shape.some((size) => typeof size !== 'number')
  const equal = symbolic
    ? seen.every(({ data }) => data.every((value) => Object.is(value, first.data[0])))
    : seen.every(({ data }) => data.every((value, i) => Object.is(value, first.data[i])))
  if (!equal) {
    throw new ExportError(
      `${place()}: this constant of shape ${formatShape(shape)} differs between the recordings. It was made in JavaScript ` +
        'from a symbolic size (tf.range(n), a number such as x.shape[0]) or at random; make it an input of the function, ' +
        'or compute it with tensor operations (tf.cumsum(tf.onesLike(x)), tf.mean)',
    )
  }
  return { kind: 'constant', snapshot: first, shape }
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
