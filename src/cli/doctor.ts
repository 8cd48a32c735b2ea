// `doctor`: where models can run on this machine, and what to do where they cannot. Exit code 0 when the default device
// works, 1 when nothing of its order does.

import { dirname } from 'node:path'
import { Command } from 'commander'
import pc from 'picocolors'
import type { Examination } from '../doctor/examine.ts'
import { VERSION } from '../version.ts'
import { EXIT } from './exit.ts'
import { Output } from './output.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('show where models can run on this machine, and what is missing')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  crystal-onnx doctor --json | jq .next')
    .action(doctor)
}

async function doctor(options: { json?: boolean }): Promise<void> {
  const output = new Output(options.json ?? false)
  const { examine } = await import('../doctor/examine.ts')
  const { thisSystem } = await import('../doctor/system.ts')
  const found = await examine(thisSystem(), process.cwd())
  output.line({ version: VERSION, ...found })
  output.table(
    ['', 'found', ''],
    rows(found).map(([what, text, ok]) => [what, text, ok === undefined ? '' : mark(ok)]),
  )
  output.text(
    found.default_device === null
      ? 'Nothing runs here.'
      : `Models run on ${found.default_device} unless --device says otherwise.`,
  )
  if (found.next.length > 0) {
    output.text(['What to do next:', ...found.next.map((step) => `  - ${step}`)].join('\n'))
  }
  process.exitCode = found.default_device === null ? EXIT.failed : EXIT.ok
}

function mark(ok: boolean): string {
  return ok ? pc.green('ok') : pc.yellow('no')
}

type Row = [what: string, text: string, ok?: boolean]

/** One row a fact. */
function rows({ node, system, glibc, install, nvidia, cuda, vulkan, devices }: Examination): Row[] {
  return [
    ['Node', `${node.version}, needs ${node.required}`, node.ok],
    [
      'system',
      glibc ? `${system}, glibc ${glibc.version ?? 'none'}, needs ${glibc.required}` : system,
      glibc?.ok,
    ],
    ...(cuda
      ? ([
          ['CUDA provider', provider(install, cuda.built_with), install.cuda],
          [
            'CUDA libraries',
            libraries(cuda.libraries),
            cuda.missing.length === 0 && cuda.libraries.length > 0,
          ],
          ['cuDNN', library(cuda.cudnn), cuda.cudnn.path !== null],
        ] satisfies Row[])
      : []),
    ['NVIDIA GPU', gpus(nvidia), nvidia.gpus.length > 0],
    ...(vulkan ? ([['Vulkan', adapters(vulkan), vulkan.loader !== null]] satisfies Row[]) : []),
    ...devices.map(
      ({ device, runs, ms, max_error, reason }): Row => [
        `device ${device}`,
        runs
          ? `opens and runs in ${ms?.toFixed(0)} ms, relative error ${max_error?.toExponential(0)}`
          : (reason ?? ''),
        runs,
      ],
    ),
  ]
}

function provider({ cuda, skipped_by }: Examination['install'], builtWith: number | null): string {
  if (cuda) return builtWith === null ? 'installed' : `installed, built with CUDA ${builtWith}`
  return ['not downloaded by the install script of onnxruntime-node', ...skipped_by].join('\n')
}

type Library = NonNullable<Examination['cuda']>['cudnn']

function libraries(found: readonly Library[]): string {
  return found.length === 0 ? 'none found' : found.map(library).join('\n')
}

function library({ name, path, version }: Library): string {
  return path === null
    ? `${name} not found`
    : `${name}${version === null ? '' : ` ${version}`} in ${dirname(path)}`
}

function gpus({ gpus, driver, driver_cuda, device_files, container }: Examination['nvidia']): string {
  if (gpus.length === 0) {
    const files = device_files ? ', but its device files are there' : ''
    return `nvidia-smi lists none${files}${container ? ' (in a container)' : ''}`
  }
  const list = gpus.map(({ index, name, memory_mb, compute_capability }) =>
    [`${index}: ${name}, ${memory_mb} MB`, compute_capability].filter(Boolean).join(', compute capability '),
  )
  return [...list, `driver ${driver}, CUDA up to ${driver_cuda ?? '?'}`].join('\n')
}

function adapters({ loader, drivers, adapters }: NonNullable<Examination['vulkan']>): string {
  if (loader === null) return 'no loader (libvulkan.so.1)'
  const kind = (software: boolean) => (software ? ', software' : '')
  const found =
    adapters?.map(({ name, driver, software }) => `${name} (${driver}${kind(software)})`) ??
    drivers.map(({ manifest, software }) => `${manifest}${kind(software)}`)
  return found.length === 0 ? 'a loader, but no driver' : found.join('\n')
}
