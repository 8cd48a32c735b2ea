// What the system does not let the command line have: addresses, names that are not UTF-8.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { refuseSmallAddressSpace } from '../../src/cli/address-space.ts'
import { shell, temporaryFolder } from './run.ts'

const folder = temporaryFolder()

it.skipIf(process.platform !== 'linux')(
  'little address space is one sentence, before anything is read',
  async () => {
    const { code, stderr } = await shell('ulimit -v 4000000; cx train none.jsonl --target gap')
    expect(stderr).toMatch(
      /^error this process may have 3\.8 GiB of addresses \(ulimit -v\), .* raise it .*\n$/,
    )
    expect(code).toBe(1)
  },
)

it.each(['unlimited', 2 ** 40])('enough is enough: %s', (limit) => {
  const file = join(folder, 'limits')
  writeFileSync(
    file,
    `Limit  Soft Limit  Hard Limit  Units\nMax address space   ${limit}  unlimited  bytes\n`,
  )
  expect(() => refuseSmallAddressSpace(file)).not.toThrow()
  expect(() => refuseSmallAddressSpace(join(folder, 'none'))).not.toThrow()
})

it.skipIf(process.platform !== 'linux')(
  'names that are not UTF-8 are named, alone and in folders',
  async () => {
    const { stderr } = await shell(`
    mkdir -p "${folder}/names"
    name="${folder}/names/$(printf 'caf\\xe9').cif"
    cp examples/structures/NaCl.cif "$name"
    for input in "$name" "${folder}/names"; do cx structure "$input"; done
    cx inspect "${folder}/$(printf 'caf\\xe9').onnx"`)
    const said = stderr.match(/its name is not UTF-8, so that Node cannot open it; rename it/g)
    expect(said, stderr).toHaveLength(3)
  },
)
