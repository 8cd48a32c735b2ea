// The package as a user gets it: built and packed, every entry of its exports map there with types that check, and the
// README's examples run.

import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { beforeAll, describe, expect, it } from 'vitest'
import { VERSION } from '../../src/version.ts'
import { example, temporaryFolder } from '../cli/run.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const folder = temporaryFolder()
const node = (...args: string[]) => run(process.execPath, args, { cwd: folder })
/** Runs a program of a development dependency. */
const tool = (path: string, ...args: string[]) =>
  run(process.execPath, [join(root, 'node_modules', path), ...args], { cwd: root })

/** Whether an export is a file as it is, not a module: the manifest, the kernels. */
const isFile = (name: string) => /\.(json|wasm)$/.test(name)
/** The packed package. */
const tarball = join(folder, `crystal-onnx-${VERSION}.tgz`)
/** Names under which the entries are imported. */
const entries = Object.keys(manifest.exports)
  .filter((name) => !isFile(name))
  .map((name) => join('crystal-onnx', name))

beforeAll(async () => {
  // Builds it, too.
  await run('npm', ['pack', '--pack-destination', folder], { cwd: root })
  copyFileSync(example('NaCl.cif'), join(folder, 'NaCl.cif'))
  copyFileSync(example('MgO.vasp'), join(folder, 'POSCAR'))
  copyFileSync(example('alkali-halides.extxyz'), join(folder, 'trajectory.extxyz'))
}, 120_000)

describe('package', () => {
  it('has the version that it says', () => {
    expect(VERSION).toBe(manifest.version)
    expect(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')).toContain(`## [${VERSION}]`)
  })

  it('builds every entry, types first', () => {
    for (const [name, entry] of Object.entries<Record<string, string>>(manifest.exports)) {
      if (isFile(name)) continue
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
    const [main, web, crystal] = ['.', './web', './crystal'].map((entry) => manifest.exports[entry])
    for (const file of [main.browser, web.default, crystal.default]) visit(file.replace('./dist/', ''))
    expect(manifest.exports['./runtimes'].browser).toBe(web.default)
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

describe('tarball', () => {
  it('is what publint finds nothing in', async () => {
    const { buffer } = new Uint8Array(readFileSync(tarball))
    const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  it('has types where every resolution looks for them (attw)', async () => {
    // Exit code 1 for a problem. There is no CommonJS in it, which Node ≥ 20.19 requires all the same.
    await tool(
      '@arethetypeswrong/cli/dist/index.js',
      ...[tarball, '--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii'],
    )
  }, 60_000)

  it('has entries that CommonJS can require: none awaits while it loads', async () => {
    const required = entries.filter((entry) => entry !== 'crystal-onnx/web')
    const script = `for (const entry of ${JSON.stringify(required)}) require(entry)`
    await run(process.execPath, ['--eval', script], { cwd: root })
  })

  it('has types that check in strict projects, libraries included', async () => {
    // Below node_modules, where the dependencies are found.
    const consumer = join(root, 'node_modules/.cache/crystal-onnx/consumer')
    const home = join(consumer, 'node_modules/crystal-onnx')
    rmSync(consumer, { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    await run('tar', ['-xzf', tarball, '--strip-components', '1', '-C', home])
    const strict = { strict: true, skipLibCheck: false, noEmit: true, target: 'ES2022' }
    const lib = ['ES2023', 'DOM']
    const nodenext = { ...strict, lib, module: 'NodeNext', moduleResolution: 'NodeNext' }
    const bundler = { ...strict, lib, module: 'ESNext', moduleResolution: 'bundler' }
    const light = ['crystal-onnx/crystal', 'crystal-onnx/runtimes', 'crystal-onnx/web']
    const check = async (name: string, compilerOptions: object, imported: readonly string[]) => {
      const project = join(consumer, name)
      mkdirSync(project)
      writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }))
      const lines = imported.map((entry, n) => `import * as entry${n} from '${entry}'`)
      const all = imported.map((_, n) => `entry${n}`).join(', ')
      writeFileSync(join(project, 'main.ts'), `${lines.join('\n')}\nexport const all = [${all}]\n${USE}`)
      // The compiler says what is wrong on its standard output.
      return tool('typescript/bin/tsc', '-p', project).then(
        () => '',
        ({ stdout }) => stdout,
      )
    }
    const found = await Promise.all([
      check('nodenext', nodenext, entries),
      check('bundler', bundler, entries),
      // A page has no types of Node. (Those of TensorFlow.js want the global ones of `long`.)
      check('page', { ...bundler, types: [] }, light),
    ])
    expect(found).toEqual(['', '', ''])
  }, 180_000)
})

/** What a program does with the entries that a page has as well. */
const USE = `
import { type Structure, structure } from 'crystal-onnx/crystal'
import { load, type Model } from 'crystal-onnx/runtimes'

export async function energy(input: Structure): Promise<number> {
  const model: Model = await load('model.onnx', { device: ['cuda', 'cpu'] })
  const { value, unit } = await model.predict(structure(input))
  const std: number = model.card.targets[0].std
  // @ts-expect-error a card is read-only
  model.card.tolerance = 1
  return unit === 'eV' ? value / std : value
}
`

describe('a project with a network of its own', () => {
  it('installs the package and passes its tests', async () => {
    const project = join(folder, 'own-network')
    // What it left when it was tried here is not part of it.
    const own = (file: string) => !/(node_modules|package-lock\.json|dist|public|run)$/.test(file)
    cpSync(join(root, 'examples/own-network'), project, { recursive: true, filter: own })
    const file = join(project, 'package.json')
    const its = JSON.parse(readFileSync(file, 'utf8'))
    its.dependencies['crystal-onnx'] = `file:${tarball}`
    writeFileSync(file, JSON.stringify(its))
    // The CUDA libraries, which onnxruntime-node would fetch where there is a GPU, are no part of this.
    const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', NO_COLOR: '1', FORCE_COLOR: undefined }
    await run('npm', ['install', '--no-audit', '--no-fund'], { cwd: project, env })
    const { stdout } = await run('npm', ['test'], { cwd: project, env, maxBuffer: 2 ** 26 })
    // The page's is skipped where there is no Chromium.
    expect(stdout).toMatch(/Tests {2}(6 passed|5 passed \| 1 skipped)/)
  }, 900_000)
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
