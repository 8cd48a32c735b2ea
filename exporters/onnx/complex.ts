// Complex numbers in recordings: every complex tensor becomes two of float32, its real and its imaginary part, and every
// kernel of complex tensors some of real ones. ONNX graphs, and all that comes after this file, know real numbers only.

import { ExportError } from '../../src/errors.ts'
import { formatPlace } from './callsite.ts'
import type { ComplexConstant, Reference, Tape, TapedTensor, TapeEntry } from './tape.ts'

/** What a recording refers to before this. */
export type Recorded = Reference | ComplexConstant

/** What a tensor of the recording has become. */
type Parted = Reference | { readonly real: Reference; readonly imag: Reference }

const isComplex = (parted: Parted): parted is Exclude<Parted, Reference> => 'real' in parted

/** Kernels that do the same to both parts: what moves numbers about, and what is linear with real factors. */
const ON_EACH: ReadonlySet<string> = new Set([
  ...['AddN', 'Add', 'BatchToSpaceND', 'Concat', 'Cumsum', 'ExpandDims', 'GatherNd', 'GatherV2', 'Identity'],
  ...['Neg', 'Pack', 'Reshape', 'Reverse', 'Slice', 'SpaceToBatchND', 'SplitV', 'StridedSlice', 'Sub', 'Sum'],
  ...['Tile', 'Transpose', 'Unpack', 'ZerosLike'],
])

/** The recording without complex tensors; itself where it has none. */
export function withoutComplex(tape: Tape<Recorded>): Tape {
  const complex = tape.entries.some(({ outputs }) => outputs.some(({ dtype }) => dtype === 'complex64'))
  // Without such tensors there are no such constants either.
  if (!complex) return tape as Tape
  const entries: TapeEntry[] = []
  const made = new Map<string, Parted>()
  const partedOf = (ref: Recorded): Parted => {
    if (ref.kind === 'complex') return ref
    return ref.kind === 'output' ? made.get(`${ref.entry} ${ref.index}`)! : ref
  }
  const tapeOf = (like: TapeEntry<Recorded>): Writer => ({
    write(kernel, inputs, outputs, attrs = {}) {
      const entry =
        entries.push({ ...like, kernel, inputs: new Map(Object.entries(inputs)), attrs, outputs }) - 1
      return outputs.map((_, index) => ({ kind: 'output', entry, index }))
    },
  })
  for (const [i, entry] of tape.entries.entries()) {
    const inputs = new Map([...entry.inputs].map(([name, ref]) => [name, partedOf(ref)]))
    for (const [index, parted] of partsOf(entry, inputs, tapeOf(entry)).entries()) {
      made.set(`${i} ${index}`, parted)
    }
  }
  const outputs = new Map(
    [...tape.outputs].map(([name, output]) => {
      const parted = partedOf(output)
      if (!isComplex(parted)) return [name, { ...parted, dtype: output.dtype, shape: output.shape }]
      throw new ExportError(
        `output "${name}" is complex, and ONNX graphs have real tensors only; return tf.real and tf.imag of it`,
      )
    }),
  )
  return { entries, counts: tape.counts, outputs }
}

interface Writer {
  /** Records a kernel of real tensors; its outputs. */
  write(
    kernel: string,
    inputs: Readonly<Record<string, Reference>>,
    outputs: readonly TapedTensor[],
    attrs?: TapeEntry['attrs'],
  ): Reference[]
}

/** What the outputs of a kernel become. */
function partsOf(entry: TapeEntry<Recorded>, inputs: ReadonlyMap<string, Parted>, to: Writer): Parted[] {
  const { kernel, attrs } = entry
  const outputs = entry.outputs.map(({ shape }) => ({ dtype: 'float32', shape }))
  const given = [...inputs.values()]
  const [first] = given
  if (kernel === 'Complex') {
    return [{ real: inputs.get('real') as Reference, imag: inputs.get('imag') as Reference }]
  }
  if (!given.some(isComplex) && entry.outputs.every(({ dtype }) => dtype !== 'complex64')) {
    return to.write(kernel, Object.fromEntries(inputs) as Record<string, Reference>, entry.outputs, attrs)
  }
  if (kernel === 'Cast' && !isComplex(first)) {
    const [imag] = to.write('ZerosLike', { x: first }, outputs)
    return [{ real: first, imag }]
  }
  if (isComplex(first)) {
    if (kernel === 'Real' || (kernel === 'Cast' && attrs.dtype !== 'complex64')) return [first.real]
    if (kernel === 'Imag') return [first.imag]
    if (kernel === 'ComplexAbs') return to.write(kernel, { real: first.real, imag: first.imag }, outputs)
    if (kernel === 'FFT' || kernel === 'IFFT') {
      const [real, imag] = to.write(kernel, { real: first.real, imag: first.imag }, [outputs[0], outputs[0]])
      return [{ real, imag }]
    }
  }
  if (kernel === 'Multiply') return [product(given, outputs, to)]
  if (!ON_EACH.has(kernel)) {
    throw new ExportError(
      `${kernel}, ${formatPlace(entry.site, entry.path)}: of complex numbers it cannot be exported; compute with tf.real and ` +
        'tf.imag instead',
    )
  }
  const part = (which: 'real' | 'imag') =>
    to.write(
      kernel,
      Object.fromEntries([...inputs].map(([name, value]) => [name, isComplex(value) ? value[which] : value])),
      outputs,
      attrs,
    )
  const [reals, imags] = [part('real'), part('imag')]
  return reals.map((real, i) => ({ real, imag: imags[i] }))
}

/** (a + bi)(c + di) = (ac − bd) + (ad + bc)i */
function product(given: readonly Parted[], outputs: readonly TapedTensor[], to: Writer): Parted {
  const [x, y] = given
  const pair = (kernel: string, a: Reference, b: Reference) => to.write(kernel, { a, b }, outputs)[0]
  const times = (a: Reference, b: Reference) => pair('Multiply', a, b)
  if (!isComplex(x)) {
    const { real, imag } = y as Exclude<Parted, Reference>
    return { real: times(x, real), imag: times(x, imag) }
  }
  if (!isComplex(y)) return { real: times(x.real, y), imag: times(x.imag, y) }
  return {
    real: pair('Sub', times(x.real, y.real), times(x.imag, y.imag)),
    imag: pair('Add', times(x.real, y.imag), times(x.imag, y.real)),
  }
}
