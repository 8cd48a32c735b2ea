// The compiled files: there for every target, small, and what the loader of each system asks of them.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatedOf } from '../../src/kernels/compile.ts'
import { ADDONS, PROGRAMS, TRAINING } from '../../src/kernels/targets.ts'
import { root } from '../imports.ts'

const MOST_BYTES = 250_000

describe.each(PROGRAMS)('$folder', (program) => {
  it('has a file for every row, and no other', () => {
    const addons = program.addons.flatMap(({ prefix }) => ADDONS.map(({ name }) => `${prefix}${name}.node`))
    const modules = program.modules.map(({ name }) => `${name}.ts`)
    expect(readdirSync(generatedOf(program)).sort()).toEqual([...addons, ...modules].sort())
  })

  describe.each(program.addons)('addons named $prefix', ({ prefix }) => {
    const addon = (name: string) => readFileSync(join(generatedOf(program), `${prefix}${name}.node`))

    it.each(ADDONS)('$name is small, and of its system and processor', ({ name }) => {
      const bytes = addon(name)
      expect(bytes.length).toBeLessThan(MOST_BYTES)
      expect(FORMATS[name](bytes)).toBe(true)
      expect(bytes.includes('napi_register_module_v1')).toBe(true)
    })

    ofMacOs(addon, prefix)
  })

  it.each(program.modules)('$name is a small WebAssembly module', async ({ name }) => {
    const bytes = await moduleBytes(program.folder, name)
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('\0asm')
    expect(bytes.length).toBeLessThan(MOST_BYTES)
  })
})

it('kernels of training bring nothing into the memory of a heap but a stack', async () => {
  const [CODE, DATA] = [10, 11]
  const bytes = await moduleBytes(TRAINING.folder, 'simd')
  const sections = [...sectionsOf(bytes)]
  expect(sections).toContain(CODE)
  expect(sections).not.toContain(DATA)
  const module = new WebAssembly.Module(bytes)
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }])
})

async function moduleBytes(folder: string, name: string): Promise<Buffer<ArrayBuffer>> {
  const { MODULE } = (await import(join(root, folder, 'generated', `${name}.ts`))) as { MODULE: string }
  return Buffer.from(MODULE, 'hex')
}

/** Numbers of the sections of a module (WebAssembly specification, 5.5). */
function* sectionsOf(bytes: Buffer): Generator<number> {
  for (let at = 8; at < bytes.length; ) {
    yield bytes[at++]
    let size = 0
    for (let shift = 0; ; shift += 7) {
      const part = bytes[at++]
      size |= (part & 127) << shift
      if (part < 128) break
    }
    at += size
  }
}

/** Header of the format, and its number of the processor. */
const FORMATS: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  'linux-x64': (bytes) => bytes.includes('\x7fELF') && bytes.readUInt16LE(18) === 0x3e,
  'linux-arm64': (bytes) => bytes.includes('\x7fELF') && bytes.readUInt16LE(18) === 0xb7,
  'darwin-x64': (bytes) => bytes.readUInt32LE(0) === 0xfeedfacf && bytes.readUInt32LE(4) === 0x01000007,
  'darwin-arm64': (bytes) => bytes.readUInt32LE(0) === 0xfeedfacf && bytes.readUInt32LE(4) === 0x0100000c,
  'win32-x64': (bytes) => machineOfPortableExecutable(bytes) === 0x8664,
  'win32-arm64': (bytes) => machineOfPortableExecutable(bytes) === 0xaa64,
}

function machineOfPortableExecutable(bytes: Buffer): number {
  const at = bytes.readUInt32LE(0x3c)
  return bytes.toString('latin1', at, at + 4) === 'PE\0\0' ? bytes.readUInt16LE(at + 4) : 0
}

function ofMacOs(addon: (name: string) => Buffer, prefix: string): void {
  const LC_ID_DYLIB = 0xd
  const LC_LOAD_DYLIB = 0xc
  const LC_UUID = 0x1b
  const LC_CODE_SIGNATURE = 0x1d

  /** Load commands, <mach-o/loader.h>: their bytes by their kinds. */
  function loadCommands(bytes: Buffer): Map<number, Buffer> {
    const commands = new Map<number, Buffer>()
    let at = 32
    for (let n = 0; n < bytes.readUInt32LE(16); n++) {
      const size = bytes.readUInt32LE(at + 4)
      commands.set(bytes.readUInt32LE(at), bytes.subarray(at, at + size))
      at += size
    }
    return commands
  }

  it('loads nothing without the library of the system and an identity', () => {
    for (const name of ['darwin-x64', 'darwin-arm64']) {
      const commands = loadCommands(addon(name))
      expect(commands.get(LC_LOAD_DYLIB)!.includes('/usr/lib/libSystem.B.dylib')).toBe(true)
      expect(commands.has(LC_UUID)).toBe(true)
      // No path of the machine that compiled it.
      const own = commands.get(LC_ID_DYLIB)!
      expect(own.toString('latin1', 24).replace(/\0+$/, '')).toBe(`${prefix}${name}.node`)
    }
  })

  it('loads nothing on Apple silicon that is not signed', () => {
    const bytes = addon('darwin-arm64')
    const command = loadCommands(bytes).get(LC_CODE_SIGNATURE)!
    const signature = bytes.subarray(
      command.readUInt32LE(8),
      command.readUInt32LE(8) + command.readUInt32LE(12),
    )
    // A super blob, whose first part is a code directory that says ad hoc (Apple, cs_blobs.h).
    expect(signature.readUInt32BE(0)).toBe(0xfade0cc0)
    const directory = signature.subarray(signature.readUInt32BE(16))
    expect(directory.readUInt32BE(0)).toBe(0xfade0c02)
    expect(directory.readUInt32BE(12) & 2).toBe(2)
    const hashes = directory.subarray(directory.readUInt32BE(16))
    const signed = bytes.subarray(0, directory.readUInt32BE(32))
    expect(signed.length).toBe(command.readUInt32LE(8))
    const page = 2 ** directory.readUInt8(39)
    expect(directory.readUInt32BE(28)).toBe(Math.ceil(signed.length / page))
    for (let at = 0, n = 0; at < signed.length; at += page, n++) {
      const hash = createHash('sha256')
        .update(signed.subarray(at, at + page))
        .digest()
      expect(hashes.subarray(32 * n, 32 * (n + 1)).equals(hash)).toBe(true)
    }
  })
}
