// Threads that read files: what they give is what reading here gives, and one that is lost in a file harms nobody else.

import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { readStructures } from '../../../src/crystal/read.ts'
import { readersOf } from '../../../src/server/reading/readers.ts'
import { example } from '../../cli/run.ts'

const readers = readersOf(1)
afterAll(() => readers.close())

const bytes = readFileSync(example('NaCl.cif'))
const salt = { files: [{ name: 'NaCl.cif', bytes }], maxSites: 100, most: 2 }
const never = new AbortController().signal

describe('readersOf', () => {
  it('gives the structures of each file, or why there is none', async () => {
    const wrong = { bytes: new TextEncoder().encode('no crystal') }
    const [[found], [refused]] = await readers.read({ ...salt, files: [...salt.files, wrong] }, never)
    expect(found.structure).toEqual(readStructures(bytes, { file: 'NaCl.cif' })[0].structure)
    expect(refused.error).toMatchObject({ code: 'PARSE', message: expect.stringMatching(/not recognised/) })
  })

  it('reads on when a caller does not wait any more, whether its file is read or waits', async () => {
    const [first, second] = [new AbortController(), new AbortController()]
    const given = readers.read({ ...salt, files: Array(3000).fill(salt.files[0]) }, first.signal)
    const waits = readers.read(salt, second.signal)
    const last = readers.read(salt, never)
    second.abort(new Error('gone'))
    await expect(waits).rejects.toThrow('gone')
    first.abort(new Error('late'))
    await expect(given).rejects.toThrow('late')
    expect((await last)[0][0].structure?.species).toHaveLength(8)
    await expect(readers.read(salt, first.signal)).rejects.toThrow('late')
  })
})
