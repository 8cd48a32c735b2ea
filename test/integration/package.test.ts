// The package as a user gets it: built, every entry of its exports map there, and the README's examples run.

import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { VERSION } from '../../src/version.ts'
import { example, temporaryFolder } from '../cli/run.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const folder = temporaryFolder()
const node = (...args: string[]) => run(process.execPath, args, { cwd: folder })

beforeAll(async () => {
  await run(process.execPath, [join(root, 'node_modules/tsdown/dist/run.mjs'), '--log-level', 'error'], {
    cwd: root,
  })
  copyFileSync(example('NaCl.cif'), join(folder, 'NaCl.cif'))
  copyFileSync(example('MgO.vasp'), join(folder, 'POSCAR'))
  copyFileSync(example('alkali-halides.extxyz'), join(folder, 'trajectory.extxyz'))
}, 120_000)

describe('package', () => {
  it('has the version that it says', () => {
    expect(VERSION).toBe(manifest.version)
    expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toContain(`## ${VERSION}`)
  })

  it('builds every entry, types first', () => {
    for (const [name, entry] of Object.entries<Record<string, string>>(manifest.exports)) {
      if (name === './package.json') continue
      expect(Object.keys(entry)[0]).toBe('types')
      for (const file of Object.values(entry)) expect(existsSync(join(root, file)), file).toBe(true)
    }
  })

  it('has browser entries without modules of Node', () => {
    const files = new Set<string>()
    const visit = (file: string) => {
      if (files.has(file)) return
      files.add(file)
      const code = readFileSync(join(root, 'dist', file), 'utf8')
      expect(code, file).not.toMatch(/(from|import\()\s*"node:/)
      for (const [, next] of code.matchAll(/"\.\/([\w.-]+\.js)"/g)) visit(next)
    }
    for (const entry of ['./web', './crystal']) visit(manifest.exports[entry].default.replace('./dist/', ''))
    expect(manifest.exports['./runtimes'].browser).toBe(manifest.exports['./web'].default)
    for (const worker of ['plain', 'wasm', 'webgpu']) expect([...files]).toContain(`worker-${worker}.js`)
  })

  it('needs no package that is not declared', () => {
    const declared = new Set([
      ...Object.keys(manifest.dependencies),
      ...Object.keys(manifest.peerDependencies),
    ])
    for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) {
      expect(declared.has(name)).toBe(true)
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true })
    }
  })
})

describe('README', () => {
  it('command lines run in the order shown', async () => {
    /** The same commands on less work. */
    const smaller: Record<string, string[]> = {
      data: ['--count', '60'],
      train: ['--epochs', '2', '--swa-epochs', '1'],
    }
    const lines = blocks('sh').flatMap((block) => block.split('\n'))
    const commands = lines
      .filter((line) => line.startsWith('crystal-onnx '))
      .map((line) => line.split('#')[0].trim())
    expect(commands.length).toBeGreaterThanOrEqual(5)
    for (const command of commands) {
      const [, ...args] = command.split(/\s+/)
      await node(join(root, 'dist/cli.js'), ...args, ...(smaller[args[0]] ?? []))
    }
    expect(existsSync(join(folder, 'ionic.onnx'))).toBe(true)
  }, 120_000)

  it('library examples run', async () => {
    const examples = blocks('ts')
    expect(examples.length).toBeGreaterThanOrEqual(3)
    // Inside the package, its own name resolves through its exports map, as it does for those who install it.
    mkdirSync(join(root, 'dist/readme'), { recursive: true })
    for (const [n, code] of examples.entries()) {
      const file = join(root, `dist/readme/example-${n + 1}.ts`)
      writeFileSync(file, code)
      const { stdout } = await node('--import', import.meta.resolve('tsx'), file)
      expect(stdout.trim()).not.toBe('')
    }
  }, 120_000)
})

function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1])
}
