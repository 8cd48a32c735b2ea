// `npm run setup:tensorflow [-- --gpu]`: makes the backend tensorflow (or tensorflow-gpu) usable in this checkout:
// obtains libtensorflow, installs the real @tensorflow/tfjs-node beside the project's packages without touching its lock
// file, builds the addon, and proves it with a training step. What is there already is kept; run it again after `npm ci`.

import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { fileURLToPath } from 'node:url'
import { execute, exists, fetchLibtensorflow } from './libtensorflow.ts'
import { prove } from './prove.ts'

const VERSION = '4.22.0'
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

const gpu = process.argv.includes('--gpu')
const started = performance.now()
const name = gpu ? 'tfjs-node-gpu' : 'tfjs-node'
const side = `${MODULES}/.cache/crystal-onnx/${name}`
const folder = `${side}/node_modules/@tensorflow/${name}`

function say(message: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${message}`)
}

/** The package and what it needs, but for the tfjs packages, which are the project's own. */
async function install(): Promise<void> {
  if (await exists(`${folder}/package.json`)) return say(`@tensorflow/${name} is in ${side}`)
  say(`npm install @tensorflow/${name}@${VERSION}, its script left out`)
  await rm(side, { recursive: true, force: true })
  await mkdir(side, { recursive: true })
  await writeFile(`${side}/package.json`, '{ "private": true }\n')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  await execute('npm', ['install', ...quiet, `@tensorflow/${name}@${VERSION}`], side)
  for (const other of await readdir(`${side}/node_modules/@tensorflow`)) {
    if (other !== name) await rm(`${side}/node_modules/@tensorflow/${other}`, { recursive: true })
  }
}

/** Links the library where the addon looks for it, and compiles the addon against it. */
async function build(libtensorflow: string): Promise<void> {
  if (await exists(`${folder}/lib`)) return say('the addon is built')
  await rm(`${folder}/deps`, { recursive: true, force: true })
  await mkdir(`${folder}/deps/lib`, { recursive: true })
  const libraries = {
    'libtensorflow.so': 'libtensorflow_cc.so.2',
    'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
    'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
    'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
  }
  for (const [link, target] of Object.entries(libraries)) {
    await symlink(`${libtensorflow}/tensorflow/${target}`, `${folder}/deps/lib/${link}`)
  }
  await symlink(`${libtensorflow}/tensorflow/include`, `${folder}/deps/include`)
  if (gpu) await symlink(`${libtensorflow}/nvidia`, `${folder}/deps/nvidia`)
  say('compiling the addon')
  const compiler = `${side}/node_modules/@mapbox/node-pre-gyp/bin/node-pre-gyp`
  try {
    await execute(process.execPath, [compiler, 'install', '--build-from-source'], folder)
  } catch (error) {
    await rm(`${folder}/lib`, { recursive: true, force: true })
    throw error
  }
}

async function main(): Promise<void> {
  await install()
  if (platform() === 'linux' && arch() === 'x64') {
    await build(await fetchLibtensorflow(gpu ? 'gpu' : 'cpu', say))
  } else if (!(await exists(`${folder}/lib`))) {
    say(`no wheel carries libtensorflow for ${platform()} ${arch()}: the package's own download`)
    await execute(process.execPath, ['scripts/install.js', gpu ? 'gpu' : 'cpu'], folder)
  }
  const link = `${MODULES}/@tensorflow/${name}`
  await rm(link, { recursive: true, force: true })
  await symlink(folder, link)
  say(await prove(gpu ? 'tensorflow-gpu' : 'tensorflow'))
}

main().catch((error: Error) => {
  console.error(`setup:tensorflow: ${error.message}`)
  process.exitCode = 1
})
