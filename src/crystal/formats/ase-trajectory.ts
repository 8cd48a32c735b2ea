// Trajectories of ASE, .traj: its container ULM, a table of frames, each a JSON text with arrays elsewhere in the file
// (ase/io/ulm.py). What does not change, such as the elements, stands in the first frame only.

import { ParseError } from '../../errors.ts'
import { type AseAtoms, checkAsePeriodicity, structureOfAtoms } from './ase.ts'
import { sitesByKind } from './ase-occupancy.ts'
import type { BinaryFormat, ReadContext, Reading } from './format.ts'
import { attempt } from './reading.ts'

export const aseTrajectory: BinaryFormat<'traj'> = {
  name: 'traj',
  title: 'ASE trajectory',
  endings: ['.traj'],
  begins: (bytes) => latin(bytes, 0, 8) === '- of Ulm' && latin(bytes, 8, 24).trim() === 'ASE-Trajectory',
  readBytes: readTrajectory,
}

function* readTrajectory(bytes: Uint8Array, context: ReadContext): Generator<Reading> {
  const file = new UlmFile(bytes, context.file)
  const count = file.integer(32)
  const table = file.integer(40)
  if (count === 0) throw file.fail('no frames')
  let first: Frame | undefined
  for (let i = 0; i < count; i++) {
    yield attempt(context, 1, (warnings) => {
      const frame = file.frame(file.integer(table + 8 * i))
      first ??= frame
      const of = (key: string) => frame[key] ?? frame[`${key}.`] ?? first![key] ?? first![`${key}.`]
      const warn = (message: string) => warnings.push(message)
      const array = (key: string) => file.numbers(of(key), key)
      const pbc = of('pbc')
      if (Array.isArray(pbc)) checkAsePeriodicity(pbc.map(Boolean), warn)
      const numbers = array('numbers')
      const { occupancy } = Object(of('info')) as { readonly occupancy?: unknown }
      const atoms: AseAtoms = {
        numbers,
        positions: array('positions'),
        cell: array('cell'),
        sites: sitesByKind(numbers, occupancy, undefined, warn),
      }
      if (atoms.numbers.length > context.maxSites)
        throw file.fail(`${atoms.numbers.length} atoms, allowed are ${context.maxSites}`)
      return { structure: structureOfAtoms(atoms) }
    })
  }
}

type Frame = Readonly<Record<string, unknown>>

class UlmFile {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #file: string | undefined

  constructor(bytes: Uint8Array, file: string | undefined) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#file = file
  }

  fail(message: string): ParseError {
    return new ParseError(message, { file: this.#file, line: 1 })
  }

  /** An int64 at a place, which is a place or a count itself. */
  integer(at: number): number {
    this.#check(at, 8)
    const value = Number(this.#view.getBigInt64(at, true))
    if (value < 0 || value > this.#bytes.length) throw this.fail(`damaged: ${value} at byte ${at}`)
    return value
  }

  frame(at: number): Frame {
    const length = this.integer(at)
    this.#check(at + 8, length)
    const text = new TextDecoder().decode(this.#bytes.subarray(at + 8, at + 8 + length))
    try {
      return Object.assign(Object.create(null), JSON.parse(text)) as Frame
    } catch (cause) {
      throw new ParseError(`damaged: a frame is not valid JSON`, { file: this.#file, line: 1 }, { cause })
    }
  }

  /** Numbers that stand in the frame, or where `{"ndarray": [shape, type, place]}` says. */
  numbers(value: unknown, key: string): number[] {
    if (Array.isArray(value)) return value.flat(3).map(Number)
    const [shape, type, at] = ((value as { ndarray?: unknown } | undefined)?.ndarray ?? []) as unknown[]
    const width = WIDTHS.get(String(type))
    if (!Array.isArray(shape) || typeof at !== 'number' || width === undefined)
      throw this.fail(`no array ${key}`)
    const count = shape.reduce((n: number, size) => n * Number(size), 1)
    this.#check(at, count * width)
    return Array.from({ length: count }, (_, i) => this.#number(String(type), at + i * width))
  }

  #number(type: string, at: number): number {
    if (type === 'float64') return this.#view.getFloat64(at, true)
    if (type === 'float32') return this.#view.getFloat32(at, true)
    return type === 'int64' ? Number(this.#view.getBigInt64(at, true)) : this.#view.getInt32(at, true)
  }

  #check(at: number, length: number): void {
    if (
      Number.isInteger(at) &&
      Number.isInteger(length) &&
      at >= 0 &&
      length >= 0 &&
      at + length <= this.#bytes.length
    )
      return
    throw this.fail('damaged or cut off')
  }
}

/** Bytes of a number by its type. */
const WIDTHS = new Map([
  ['float64', 8],
  ['float32', 4],
  ['int64', 8],
  ['int32', 4],
])

function latin(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to))
}
