// From the tensors of a request to structures: `structure`, the text of a file each, or `atoms`, `numbers`, `frac` and
// `lattice` as numbers. A crystal that cannot be read is an error in its place; tensors that do not fit each other are an
// error of the request.

import { FORMATS, type FormatName } from '../crystal/formats/table.ts'
import { type Structure, structure } from '../crystal/structure.ts'
import { CrystalOnnxError, LimitError, ParseError, RequestError } from '../errors.ts'
import type { InputTensor, TensorMetadata } from './protocol.ts'
import type { Readers } from './reading/readers.ts'
import { shown } from './tensors.ts'

/** What a request may hold. */
export interface InputLimits {
  /** crystals of one request */
  readonly maxClientBatch: number
  /** atoms of one crystal */
  readonly maxCrystalAtoms: number
}

/** A crystal, or why it is none. */
export type Crystal = Structure | CrystalOnnxError

/** What a model can be given, for its metadata. */
export const INPUTS: readonly TensorMetadata[] = [
  { name: 'structure', datatype: 'BYTES', shape: [-1] },
  { name: 'atoms', datatype: 'INT32', shape: [-1] },
  { name: 'numbers', datatype: 'INT32', shape: [-1] },
  { name: 'frac', datatype: 'FP64', shape: [-1, 3] },
  { name: 'lattice', datatype: 'FP64', shape: [-1, 3, 3] },
]

const TYPED = ['atoms', 'numbers', 'frac', 'lattice'] as const
const WHOLE = /^U?INT(8|16|32|64)$/
const FLOATING = /^FP(32|64)$/

/** Reads texts, a crystal each. */
export type ReadTexts = (texts: readonly Uint8Array[], format: FormatName | undefined) => Promise<Crystal[]>

/** The crystals of a request, in its order. @throws RequestError, LimitError, what `read` throws */
export async function crystalsOf(
  inputs: readonly InputTensor[],
  limits: InputLimits,
  read: ReadTexts,
): Promise<Crystal[]> {
  const given = new Map(inputs.map((tensor) => [tensor.name, tensor]))
  const names = INPUTS.map(({ name }) => name)
  const unknown = inputs.find(({ name }) => !names.includes(name))
  if (unknown) throw new RequestError(`input ${shown(unknown.name)}: expected some of ${names.join(', ')}`)
  if (given.size < inputs.length) throw new RequestError('an input is there twice')
  const text = given.get('structure')
  const typed = TYPED.filter((name) => given.has(name))
  if (text && typed.length > 0)
    throw new RequestError(`inputs structure and ${typed.join(', ')}: give one or the other`)
  if (text) return crystalsOfTexts(text, limits, read)
  const missing = TYPED.filter((name) => !given.has(name))
  if (missing.length > 0) {
    throw new RequestError(`no input ${missing.join(', ')}: give structure, or all of ${TYPED.join(', ')}`)
  }
  return crystalsOfNumbers(given, limits)
}

/** @throws LimitError for more than a request may have, RequestError for none */
export function checkCount(crystals: number, { maxClientBatch }: InputLimits): void {
  if (crystals === 0) throw new RequestError('no crystals: expected at least one')
  if (crystals <= maxClientBatch) return
  throw new LimitError(
    `${crystals} crystals in one request, allowed are ${maxClientBatch}; send several requests`,
  )
}

function crystalsOfTexts(tensor: InputTensor, limits: InputLimits, read: ReadTexts): Promise<Crystal[]> {
  const { datatype, data, shape, parameters } = tensor
  if (datatype !== 'BYTES' || shape.slice(1).some((size) => size !== 1)) {
    throw new RequestError(
      `input structure: ${datatype} [${shape}], expected BYTES [C], a text for each crystal`,
    )
  }
  checkCount(data.length, limits)
  return read(data, formatOf(parameters.format))
}

/** @throws RequestError for one that is not known */
export function formatOf(name: unknown): FormatName | undefined {
  if (name === undefined) return undefined
  const known = FORMATS.map((format) => format.name)
  if (known.some((one) => one === name)) return name as FormatName
  throw new RequestError(`format ${shown(name)}: expected one of ${known.join(', ')}`)
}

/** @param threads where they are read */
export function textReader(
  threads: Readers,
  { maxCrystalAtoms }: InputLimits,
  signal: AbortSignal,
): ReadTexts {
  return async (texts, format) => {
    const files = texts.map((bytes) => ({ bytes }))
    const found = await threads.read({ files, format, maxSites: maxCrystalAtoms, most: 2 }, signal)
    return found.map(([first, second]) => {
      if (!first) return new ParseError('holds no structure')
      if (second)
        return new ParseError('holds several structures, expected one for each element of the tensor')
      return first.error ?? first.structure
    })
  }
}

function crystalsOfNumbers(given: ReadonlyMap<string, InputTensor>, limits: InputLimits): Crystal[] {
  const count = given.get('atoms')!.shape[0]
  checkCount(count, limits)
  const atoms = numbersOf(given, 'atoms', WHOLE, [count])
  let total = 0
  for (const [c, size] of Array.from(atoms).entries()) {
    if (!(Number.isInteger(size) && size > 0 && size <= limits.maxCrystalAtoms)) {
      throw new LimitError(
        `input atoms: ${size} atoms of crystal ${c}, expected 1 to ${limits.maxCrystalAtoms}`,
      )
    }
    total += size
  }
  const numbers = numbersOf(given, 'numbers', WHOLE, [total])
  const frac = numbersOf(given, 'frac', FLOATING, [total, 3])
  const lattice = numbersOf(given, 'lattice', FLOATING, [count, 3, 3])
  const row = (of: ArrayLike<number>, at: number) => [of[at], of[at + 1], of[at + 2]]
  let first = 0
  return Array.from(atoms, (size, c) => {
    const sites = Array.from({ length: size }, (_, a) => first + a)
    first += size
    return attempted(() =>
      structure({
        lattice: [0, 3, 6].map((m) => row(lattice, 9 * c + m)),
        frac: sites.map((a) => row(frac, 3 * a)),
        species: sites.map((a) => numbers[a]),
      }),
    )
  })
}

function numbersOf(
  given: ReadonlyMap<string, InputTensor>,
  name: (typeof TYPED)[number],
  types: RegExp,
  expected: readonly number[],
): ArrayLike<number> {
  const { datatype, shape, data } = given.get(name)!
  if (datatype === 'BYTES' || !types.test(datatype) || String(shape) !== String(expected)) {
    const kind = types === WHOLE ? 'whole numbers' : 'FP32 or FP64'
    throw new RequestError(`input ${name}: ${datatype} [${shape}], expected ${kind} [${expected}]`)
  }
  return data
}

function attempted(make: () => Structure): Crystal {
  try {
    return make()
  } catch (error) {
    if (error instanceof CrystalOnnxError) return error
    throw error
  }
}
