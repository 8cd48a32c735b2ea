// libtensorflow from the wheels of PyPI, which carry it with its C headers, in place of the host that tfjs-node downloads
// from: wheels are mirrored wherever Python is used, are newer, and exist for CUDA 12. Fetched by pip, so that its own
// configuration of indexes and proxies counts. Kept outside of the project, for all checkouts.

import { spawn } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'

/** The last release whose C API tfjs-node 4.22.0 compiles against unchanged, of those built for CUDA 12. */
export const TENSORFLOW_VERSION = '2.15.1'

/** Members of a wheel that are kept: libraries and C headers. */
const LIBRARIES = String.raw`tensorflow/(libtensorflow_(cc|framework)\.so\.2|include/(tensorflow|tsl)/.*\.h)`
const CUDA_LIBRARIES = String.raw`nvidia/[^/]+/lib/.*\.so[.0-9]*`

/** Where libtensorflow lies, or is to lie. */
export function libtensorflowFolder(kind: 'cpu' | 'gpu'): string {
  const cache = process.env.XDG_CACHE_HOME ?? `${homedir()}/.cache`
  return `${cache}/crystal-onnx/libtensorflow-${TENSORFLOW_VERSION}-${kind}`
}

/**
 * The folder with tensorflow/libtensorflow_cc.so.2 and its headers (and nvidia/ for the GPU), fetched unless it is
 * there. A download that was broken off leaves nothing behind that counts.
 */
export async function fetchLibtensorflow(
  kind: 'cpu' | 'gpu',
  say: (message: string) => void,
): Promise<string> {
  const folder = libtensorflowFolder(kind)
  if (await exists(folder)) {
    say(`libtensorflow ${TENSORFLOW_VERSION} is in ${folder}`)
    return folder
  }
  await mkdir(`${folder}/..`, { recursive: true })
  const partial = await mkdtemp(`${folder}.`)
  try {
    const wheel = `${kind === 'cpu' ? 'tensorflow-cpu' : 'tensorflow'}==${TENSORFLOW_VERSION}`
    const [path] = await download([wheel], `${partial}/wheels`, say)
    await unpack(path, LIBRARIES, partial)
    if (kind === 'gpu') {
      const cuda = await download(await cudaRequirements(path), `${partial}/cuda`, say)
      for (const wheel of cuda) await unpack(wheel, CUDA_LIBRARIES, partial)
    }
    await rm(`${partial}/wheels`, { recursive: true })
    await rm(`${partial}/cuda`, { recursive: true, force: true })
    await rename(partial, folder)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
  say(`unpacked into ${folder}`)
  return folder
}

/** Paths of the wheels. The Python that they are for does not matter: nothing of Python in them is used. */
async function download(
  requirements: readonly string[],
  folder: string,
  say: (message: string) => void,
): Promise<string[]> {
  say(`pip download ${requirements.join(' ')}`)
  const target = ['--only-binary=:all:', '--python-version=3.11', '--implementation=cp']
  const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux1_x86_64']
  await execute('python3', [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--dest', folder],
    ...[...target, ...platforms.map((platform) => `--platform=${platform}`), ...requirements],
  ])
  return (await readdir(folder)).map((name) => `${folder}/${name}`)
}

/** What a wheel requires for its extra "and-cuda", with versions. */
async function cudaRequirements(wheel: string): Promise<string[]> {
  const program =
    'import re,sys,zipfile\n' +
    'z=zipfile.ZipFile(sys.argv[1])\n' +
    'm=next(n for n in z.namelist() if n.endswith(".dist-info/METADATA"))\n' +
    'for l in z.read(m).decode().splitlines():\n' +
    '  r=re.match(r"Requires-Dist: (nvidia-[\\w-]+) ?\\(?(==[\\d.]+)\\)? ?;.*and-cuda", l)\n' +
    '  if r: print(r[1]+r[2])'
  return (await execute('python3', ['-c', program, wheel])).trim().split('\n')
}

/** Writes the members of a wheel whose whole name matches. */
async function unpack(wheel: string, members: string, folder: string): Promise<void> {
  const program =
    'import re,sys,zipfile\n' +
    'z=zipfile.ZipFile(sys.argv[1])\n' +
    'for n in z.namelist():\n' +
    '  if re.fullmatch(sys.argv[2], n): z.extract(n, sys.argv[3])'
  await execute('python3', ['-c', program, wheel, members, folder])
}

/** Runs a program and gives what it printed. @throws Error with its own message when it fails or is not there. */
export function execute(program: string, parameters: readonly string[], cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    let complaint = ''
    child.stdout.on('data', (text) => (printed += text))
    child.stderr.on('data', (text) => (complaint += text))
    child.on('error', (cause) => reject(new Error(`${program} cannot be run: ${cause.message}`, { cause })))
    child.on('close', (code) => {
      if (code === 0) return resolve(printed)
      const last = (complaint || printed).trim().split('\n').slice(-12).join('\n')
      reject(new Error(`${program} ${parameters.slice(0, 3).join(' ')} … failed:\n${last}`))
    })
  })
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
