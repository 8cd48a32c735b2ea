// Structures out of packed files, archives and streams longer than what is read at once.

import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { formula } from '../../src/crystal/formula.ts'
import type { StructureEntry } from '../../src/crystal/read.ts'
import { membersOf } from '../../src/data/members.ts'
import { streamEntries } from '../../src/data/structure-stream.ts'

const FRAME = '1\nLattice="4 0 0 0 4 0 0 0 4" pbc="T T T"\nNa 0 0 0\n'
/** FRAME as Python's bz2 packs it. */
const BZIPPED =
  'QlpoOTFBWSZTWdDqjD8AAA9fgAAQUABkAgAFBAA6IEQAIAAxQ00wACVGnqGgNFEmM2GJZFOjjyB6sc4hI3uOw/rzj4u5IpwoSGh1Rh+A'

/** In chunks that end anywhere. */
function chunked(bytes: Uint8Array, size = 65_537): AsyncIterable<Uint8Array> {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return Readable.from(chunks)
}

async function read(name: string, bytes: Uint8Array, size?: number): Promise<[string, StructureEntry][]> {
  const found: [string, StructureEntry][] = []
  for await (const member of membersOf(name, chunked(bytes, size))) {
    for await (const entry of streamEntries(member.name, member.chunks)) found.push([member.name, entry])
  }
  return found
}

function tar(files: Record<string, string>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const head = Buffer.alloc(512)
    head.write(name, 0)
    head.write(Buffer.byteLength(text).toString(8).padStart(11, '0'), 124)
    head.write('0', 156)
    head.write('ustar', 257)
    return [head, Buffer.from(text), Buffer.alloc((512 - (text.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

const names = (found: [string, StructureEntry][]) =>
  found.map(([name, entry]) =>
    'error' in entry ? `${name}: ${entry.error.code}` : `${name}: ${formula(entry.structure)}`,
  )

describe('containers', () => {
  const files = { 'a/one.xyz': FRAME, 'two.xyz': FRAME + FRAME, '.hidden': 'x', 'bad.cif': 'data_x\n' }
  const inside = ['a/one.xyz: Na1', 'two.xyz: Na1', 'two.xyz: Na1', 'bad.cif: PARSE']
  const zip = zipSync(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])),
  )

  test.each([
    ['x.xyz.gz', gzipSync(FRAME), ['x.xyz: Na1']],
    ['members of gzip', gzipSync(FRAME + FRAME), ['members of gzip: Na1', 'members of gzip: Na1']],
    ['x.xyz.bz2', Buffer.from(BZIPPED, 'base64'), ['x.xyz: Na1']],
    ['x.tar', tar(files), inside.map((name) => `x.tar/${name}`)],
    ['x.tar.gz', gzipSync(tar(files)), inside.map((name) => `x.tar/${name}`)],
    ['x.tgz', gzipSync(tar(files)), inside.map((name) => `x.tar/${name}`)],
    ['x.zip', zip, inside.map((name) => `x.zip/${name}`)],
    ['x.tar', tar({ 'in.zip': 'no zip' }), ['x.tar/in.zip: PARSE']],
  ])('%s', async (name, bytes, expected) => {
    for (const size of [100, 65_537]) expect(names(await read(name, bytes, size))).toEqual(expected)
  })

  test.each([
    ['x.gz', gzipSync(FRAME).subarray(0, 40), /gzip stream is damaged or cut off/],
    ['x.tar', tar(files).subarray(0, 700), /tar archive is damaged/],
    ['x.zip', zip.subarray(0, 90), /zip archive is damaged/],
    ['x.zip', zip.subarray(0, -10), /zip archive is damaged/],
  ])('%s, cut off', async (name, bytes, message) => {
    const failures = await read(name, bytes).catch(
      (error: Error) => [['', { error }]] as [string, { error: Error }][],
    )
    const [, last] = failures.at(-1)!
    expect('error' in last && last.error.message).toMatch(message)
  })
})

describe('standard input', () => {
  const poscar = (title: string) => `${title}\n1.0\n4 0 0\n0 4 0\n0 0 4\nNa\n1\nDirect\n0 0 0\n`
  const cell = JSON.stringify(poscar('NaCl')).slice(1, -1).replaceAll('\\n', '\n')

  test.each([
    ['a POSCAR with a title like a row of names', poscar('rock salt,structure,atoms')],
    ['commas', `id,structure\n1,"${cell}"\n`],
    ['structures first', `poscar,e_form\n"${cell}",-1\n`],
    ['semicolons', `id;poscar\n1;"${cell}"\n`],
    ['a separator that is said', `sep=;\nid;cif\n1;"${cell}"\n`],
    ['an empty row', `id,my_structure,structure\n\n1,,"${cell}"\n`],
  ])('%s', async (_, text) => {
    expect(names(await read('standard input', Buffer.from(text)))).toEqual(['standard input: Na1'])
  })
})

describe('streams longer than what is read at once', () => {
  const many = (text: string) => text.repeat(Math.ceil((6 * 2 ** 20) / text.length))
  const record = JSON.stringify({ structure: { lattice: [[4, 0, 0], [0, 4, 0], [0, 0, 4]], frac: [[0, 0, 0]], numbers: [11] }, note: 'x'.repeat(20_000) }) // biome-ignore format: one line
  const padding = `# ${'x'.repeat(20_000)}\n`
  const cif =
    'data_x\n_a\n;\ndata_y\n;\n_cell_length_a 4\n_cell_length_b 4\n_cell_length_c 4\n' +
    `${padding}loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nNa1 0 0 0\n`
  const frame = FRAME.replace('pbc', `note=${'x'.repeat(20_000)} pbc`)
  const count = Math.ceil((6 * 2 ** 20) / record.length)
  const list = new Array(count).fill(record)

  test.each([
    ['a.extxyz', many(frame)],
    ['a.cif', many(cif)],
    ['a.jsonl', list.join('\n')],
    ['a.json', `[${list.join(',\n')}]`],
    ['ids.json', `{${list.map((r, i) => `"mp-${i}":{"a":${r}}`).join(',')}}`],
    [
      'table.json',
      `{"columns":["structure"],"data":[${list.map((r) => `[${JSON.stringify(JSON.parse(r).structure)},"${'x'.repeat(20_000)}"]`).join(',')}]}`.replace(
        '["structure"]',
        '["structure","note"]',
      ),
    ],
    ['a.csv', `id,cif\n${list.map((_, i) => `${i},"${cif}"`).join('\n')}\n`],
  ])('%s', async (name, text) => {
    const bytes = Buffer.from(text)
    expect(bytes.length).toBeGreaterThan(5 * 2 ** 20)
    const found = await read(name, bytes)
    expect(found.length).toBeGreaterThan(200)
    expect(found.map(([, { index }]) => index)).toEqual(found.map((_, i) => i))
    expect(new Set(names(found))).toEqual(new Set([`${name}: Na1`]))
  })
  test('an error names its line in the whole', async () => {
    const text = `${many(frame)}1\nLattice="4 0 0 0 4 0 0 0 4"\nQq 0 0 0\n`
    const found = await read('a.extxyz', Buffer.from(text))
    const [, last] = found.at(-1)!
    expect('error' in last && last.error).toMatchObject({ line: text.split('\n').length - 1 })
  })
  test('one structure that is larger than what is allowed is refused', async () => {
    const spaces = Buffer.alloc(70 * 2 ** 20, 32)
    const [[, entry]] = await read('POSCAR', Buffer.concat([Buffer.from('x\n1\n'), spaces]), 2 ** 20)
    expect('error' in entry && entry.error.code).toBe('LIMIT')
  })
})
