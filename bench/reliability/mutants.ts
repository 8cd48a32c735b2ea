// Damaged and hostile structure files: the small ones of this checkout, in every format and packing, with bits that flip,
// parts that are lost, repeated or taken from another file, and words that readers have trouble with.

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { FORMATS } from '../../src/crystal/formats/table.ts'
import { readStructures } from '../../src/crystal/read.ts'
import { writeStructure } from '../../src/crystal/write.ts'
import type { Random } from '../../src/math/random/random.ts'

export interface Seed {
  readonly name: string
  readonly bytes: Uint8Array
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = ['examples/structures', 'test/fixtures/structures', 'test/fixtures/formats']

/** What is mutated: every file as it is, some in every format that is written, and packed. */
export function seeds(): Seed[] {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(`${ROOT}/${folder}`)
      .filter((name) => name !== 'README.md')
      .map((name): Seed => ({ name, bytes: readFileSync(`${ROOT}/${folder}/${name}`) })),
  )
  const [{ structure }] = readStructures(files.find(({ name }) => name === 'TiO2-rutile.cif')!.bytes)
  const written = FORMATS.flatMap((format): Seed[] =>
    'write' in format && format.write
      ? [{ name: `written.${format.name}`, bytes: Buffer.from(writeStructure(structure, format.name)) }]
      : [],
  )
  const [first, second] = files
  const packed = [
    { name: `${first.name}.gz`, bytes: gzipSync(first.bytes) },
    { name: 'archive.zip', bytes: zipSync({ [first.name]: first.bytes, [second.name]: second.bytes }) },
  ]
  return [...files, ...written, ...packed]
}

/** What readers meet in files that were edited, and in those of people who mean no good. */
const WORDS = [
  ...[
    '0',
    '-1',
    '1e999',
    '-1e-999',
    'NaN',
    'Infinity',
    '999999999',
    '99999999999999999999',
    '0.1(',
    '1/0',
    '.',
  ],
  ...[
    'loop_',
    'data_',
    'save_',
    '_atom_site_fract_x',
    '_cell_length_a',
    "'x,y,z'",
    ';',
    '\n;',
    "'",
    '"',
    "'''",
  ],
  ...['{', '}', '[', ']', '[[[[', '{"', '":', ',', 'null', '__proto__', '"structure":', '\\u0000', '\\'],
  ...['<', '</', '<v>', '&amp;', '<!ENTITY a "a">', 'Lattice="', 'pbc="F F F"', 'Properties=species:S:9'],
  ...['\0', '\r', '\r\n', '\t', '\u2028', '\ufeff', 'Ω', 'H', 'Xx', 'T', '118', '119', 'Direct', '-5.43'],
]

/** Share of the mutants that are swollen, and by how much. */
const [SWOLLEN, SWOLLEN_BYTES] = [0.01, 200_000]

/** One of the seeds with some changes. */
export function mutant(all: readonly Seed[], draw: Random): Seed {
  const { name, bytes } = draw.pick(all)
  let found = Buffer.from(bytes)
  for (let n = 1 + draw.integer(6); n > 0; n--) found = changed(found, all, draw)
  if (draw.uniform() < SWOLLEN) found = swollen(found, draw)
  return { name, bytes: found }
}

/** A word or a few bytes, over and over: what takes the square of its length, or more, shows. */
function swollen(bytes: Buffer<ArrayBuffer>, draw: Random): Buffer<ArrayBuffer> {
  const at = draw.integer(bytes.length + 1)
  const part = bytes.subarray(at, at + 1 + draw.integer(8))
  const unit = draw.uniform() < 0.5 || part.length === 0 ? Buffer.from(draw.pick(WORDS)) : part
  const times = Math.ceil(SWOLLEN_BYTES / unit.length)
  return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(times * unit.length, unit), bytes.subarray(at)])
}

function changed(bytes: Buffer<ArrayBuffer>, all: readonly Seed[], draw: Random): Buffer<ArrayBuffer> {
  const at = draw.integer(bytes.length + 1)
  const length = draw.integer(Math.min(64, bytes.length - at + 1))
  const [before, part, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, at + length),
    bytes.subarray(at + length),
  ]
  switch (draw.integer(7)) {
    case 0: {
      if (at === bytes.length) return bytes
      const flipped = Buffer.from(bytes)
      flipped[at] ^= 1 << draw.integer(8)
      return flipped
    }
    case 1:
      return Buffer.concat([before, after])
    case 2:
      return Buffer.concat([before, ...Array(1 + draw.integer(20)).fill(part), after])
    case 3:
      return Buffer.concat([before, Buffer.from(draw.pick(WORDS)), after])
    case 4:
      return Buffer.concat([before, Buffer.from(draw.pick(WORDS)), part, after])
    case 5: {
      const other = draw.pick(all).bytes
      const from = draw.integer(other.length)
      return Buffer.concat([before, other.subarray(from, from + draw.integer(400)), after])
    }
    default:
      return draw.uniform() < 0.2 ? Buffer.from(before) : bytes
  }
}
