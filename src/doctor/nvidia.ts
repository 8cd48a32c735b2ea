// NVIDIA's GPUs and driver, as `nvidia-smi` tells of them, and the device files that a container is given or not.

import type { System } from './system.ts'

export interface NvidiaGpu {
  readonly index: number
  readonly name: string
  readonly memory_mb: number
  /** such as 9.0; null where the driver is too old to tell */
  readonly compute_capability: string | null
}

export interface NvidiaFacts {
  readonly gpus: readonly NvidiaGpu[]
  readonly driver: string | null
  /** The newest CUDA that the driver runs. */
  readonly driver_cuda: string | null
  /** Files by which programs reach the GPU. */
  readonly device_files: boolean
  readonly container: boolean
}

const QUERY = [
  '--query-gpu=index,name,driver_version,memory.total,compute_cap',
  '--format=csv,noheader,nounits',
]

export async function nvidiaFacts(system: System): Promise<NvidiaFacts> {
  const [list, banner] = await Promise.all([system.run('nvidia-smi', QUERY), system.run('nvidia-smi', [])])
  return {
    ...gpuList(list ?? ''),
    driver_cuda: driverCuda(banner ?? ''),
    // /dev/dxg is the GPU of the Windows under a WSL.
    device_files: ['/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg'].some(system.exists),
    container: ['/.dockerenv', '/run/.containerenv'].some(system.exists),
  }
}

/** Lines `index, name, driver, MiB, capability`; anything else, such as "No devices were found", is no GPU. */
export function gpuList(text: string): { gpus: NvidiaGpu[]; driver: string | null } {
  const gpus: NvidiaGpu[] = []
  let driver: string | null = null
  for (const line of text.split('\n')) {
    const [index, name, version, memory, capability] = line.split(',').map((cell) => cell.trim())
    if (!/^\d+$/.test(index) || memory === undefined) continue
    driver = version
    gpus.push({
      index: Number(index),
      name,
      memory_mb: Number(memory),
      compute_capability: /^\d+\.\d+$/.test(capability ?? '') ? capability : null,
    })
  }
  return { gpus, driver }
}

/** `CUDA Version: 12.4` in the head of the table that nvidia-smi prints. */
export function driverCuda(banner: string): string | null {
  return /CUDA (?:UMD )?Version\s*:\s*([\d.]+)/.exec(banner)?.[1] ?? null
}
