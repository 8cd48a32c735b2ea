// Whole machines: which device is the default, and what the doctor tells to do next, in which order.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bindingFolder, providerLibrary } from '../../runtimes/node/libraries.ts'
import { examine } from '../../src/doctor/examine.ts'
import { machine } from './machine.ts'
import {
  LDD_CUDA_12_COMPLETE,
  LDD_CUDA_12_NOTHING,
  LDD_CUDA_13_NO_DRIVER,
  NVIDIA_SMI,
  NVIDIA_SMI_LIST,
  VULKANINFO_SWIFTSHADER,
} from './recorded.ts'

const provider = { [providerLibrary('cuda')]: '' }
const nvidiaSmi = (args: readonly string[]) => (args.length === 0 ? NVIDIA_SMI : NVIDIA_SMI_LIST)
const driver = { '/dev/nvidiactl': '', '/dev/nvidia0': '' }
const look = (given: Parameters<typeof machine>[0], folder = '/srv') => examine(machine(given), folder)

describe('without a GPU', () => {
  it('has nothing to say', async () => {
    const found = await look({})
    expect(found.default_device).toBe('cpu')
    expect(found.next).toEqual([])
    expect(found.cuda?.libraries).toEqual([])
  })

  it('is silent about CUDA and Vulkan on other systems', async () => {
    const found = await look({ system: { platform: 'darwin', arch: 'arm64', glibc: undefined } })
    expect(found).toMatchObject({ default_device: 'cpu', next: [] })
    expect(found.cuda).toBeUndefined()
    expect(found.vulkan).toBeUndefined()
  })

  it.each([
    [{ node: '18.20.0' }, /^Node 18\.20\.0 is too old: install Node 20\.19/],
    [{ glibc: undefined }, /Alpine .*bookworm/],
    [{ glibc: '2.17' }, /glibc 2\.17 is too old, 2\.28 is needed/],
  ])('names what is too old: %o', async (system, step) => {
    const { next } = await look({ system })
    expect(next).toHaveLength(1)
    expect(next[0]).toMatch(step)
  })

  it('has no default device where the CPU does not run', async () => {
    const found = await look({ devices: { cpu: 'onnxruntime ended the process (SIGILL)', webgpu: true } })
    expect(found.default_device).toBeNull()
    expect(found.next).toEqual([expect.stringMatching(/SIGILL.*npm rebuild onnxruntime-node/)])
  })

  it('tells of a binding for another system', async () => {
    const elsewhere = machine({ devices: { cpu: 'Cannot find module' } })
    const binding = join(bindingFolder(), 'onnxruntime_binding.node')
    const found = await examine(
      { ...elsewhere, exists: (path) => path !== binding && elsewhere.exists(path) },
      '/srv',
    )
    expect(found.next[0]).toMatch(/holds nothing for linux x64: install it on this machine/)
  })

  it('warns of WebGPU in software', async () => {
    const libraries = { 'libvulkan.so.1': '/usr/lib/libvulkan.so.1' }
    const programs = { vulkaninfo: () => VULKANINFO_SWIFTSHADER }
    const { next } = await look({ libraries, programs, devices: { webgpu: true } })
    expect(next).toEqual([expect.stringContaining('in software')])
  })

  it('tells what WebGPU lacks where the kernel shows a GPU', async () => {
    const { next } = await look({ files: { '/dev/dri/renderD128': '' }, devices: { webgpu: 'no loader' } })
    expect(next).toEqual([expect.stringMatching(/--device webgpu: .*libvulkan1.*mesa-vulkan-drivers/)])
  })
})

describe('a GPU server', () => {
  it('is asked to run the install script, with the settings that kept it from running', async () => {
    const files = { ...driver, '/srv/package.json': '{"allowScripts": {"onnxruntime-node": false}}' }
    const found = await look({
      files,
      programs: { 'nvidia-smi': nvidiaSmi },
      libraries: { 'libcuda.so.1': '/usr/lib/x86_64-linux-gnu/libcuda.so.1' },
    })
    expect(found.nvidia).toMatchObject({ driver: '550.54.15', driver_cuda: '12.4' })
    expect(found.default_device).toBe('cpu')
    expect(found.next[0]).toMatch(
      /not downloaded, because of allowScripts in \/srv\/package\.json: node .*install\.js/,
    )
  })

  it('is told which CUDA the provider was built with, and how to get it', async () => {
    const found = await look({
      files: { ...driver, ...provider },
      programs: { 'nvidia-smi': nvidiaSmi, ldd: () => LDD_CUDA_12_NOTHING },
      devices: { cuda: 'its provider library needs libcublasLt.so.12, not found on this system' },
    })
    expect(found.cuda).toMatchObject({ built_with: 12, cudnn: { name: 'libcudnn.so.9', path: null } })
    expect(found.cuda?.missing).toHaveLength(6)
    expect(found.next).toEqual([
      expect.stringMatching(
        /needs libcublasLt\.so\.12, .*install CUDA 12.*pip install nvidia-cublas-cu12 .* nvidia-cudnn-cu12/,
      ),
    ])
  })

  it('is told of libraries that lie outside the path of the linker', async () => {
    const lib = '/opt/venv/lib/python3.11/site-packages/nvidia'
    const found = await look({
      system: { env: { VIRTUAL_ENV: '/opt/venv' } },
      files: {
        ...driver,
        ...provider,
        [`${lib}/cublas/lib/libcublasLt.so.12`]: '',
        [`${lib}/cudnn/lib/libcudnn.so.9`]: '',
        [`${lib}/nccl/lib/libnccl.so.2`]: '',
        '/usr/local/cuda-12.6/lib64/libcudart.so.12': '',
      },
      links: { '/usr/local/cuda/lib64/libcudart.so.12': '' },
      programs: { 'nvidia-smi': nvidiaSmi, ldd: () => LDD_CUDA_12_NOTHING },
    })
    expect(found.next[0]).toMatch(
      /export LD_LIBRARY_PATH=\/usr\/local\/cuda-12\.6\/lib64:.*\/nvidia\/cublas\/lib:.*\/nvidia\/cudnn\/lib$/,
    )
  })

  it('runs on CUDA where all is there, with versions', async () => {
    const found = await look({
      files: { ...driver, ...provider },
      links: {
        '/usr/local/cuda-12.6/lib64/libcudart.so.12': '/usr/local/cuda-12.6/lib64/libcudart.so.12.6.77',
        '/usr/local/cuda-12.6/lib64/libcudnn.so.9': '/usr/local/cuda-12.6/lib64/libcudnn.so.9.5.1',
      },
      programs: { 'nvidia-smi': nvidiaSmi, ldd: () => LDD_CUDA_12_COMPLETE },
      devices: { cuda: true },
    })
    expect(found).toMatchObject({ default_device: 'cuda', next: [] })
    expect(found.cuda?.libraries.find(({ name }) => name === 'libcudart.so.12')?.version).toBe('12.6.77')
    expect(found.cuda?.cudnn.version).toBe('9.5.1')
  })

  it('is told of a driver that is too old for the provider', async () => {
    const programs = {
      'nvidia-smi': nvidiaSmi,
      ldd: () =>
        LDD_CUDA_13_NO_DRIVER.replace('libcuda.so.1 => not found', 'libcuda.so.1 => /usr/lib/libcuda.so.1'),
    }
    const reason = 'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version'
    const found = await look({
      files: { ...driver, ...provider },
      programs,
      libraries: { 'libcudnn.so.9': '/usr/lib/libcudnn.so.9' },
      devices: { cuda: reason },
    })
    expect(found.next).toEqual([
      'driver 550.54.15 runs CUDA up to 12.4, the provider is built with CUDA 13: update the driver to 580.65.06 or later',
    ])
  })

  it('is told of cuDNN, which ldd does not show from CUDA 13 on, and in onnxruntime’s own words of the rest', async () => {
    const programs = {
      'nvidia-smi': (args: readonly string[]) => nvidiaSmi(args).replace('12.4', '13.0'),
      ldd: () => LDD_CUDA_13_NO_DRIVER.replace('not found', '/usr/lib/libcuda.so.1'),
    }
    const { next } = await look({
      files: { ...driver, ...provider },
      programs,
      devices: { cuda: 'CUDA failure 2: out of memory' },
    })
    expect(next).toEqual([
      expect.stringMatching(/no cuDNN .*pip install nvidia-cudnn-cu13/),
      'cuda does not run: CUDA failure 2: out of memory',
    ])
  })
})

describe('a container', () => {
  const files = { ...provider, '/.dockerenv': '' }
  const programs = { ldd: () => LDD_CUDA_13_NO_DRIVER }

  it('that was not given the GPU is told how to', async () => {
    const found = await look({ files, programs, libraries: { 'libcudnn.so.9': '/usr/lib/libcudnn.so.9' } })
    expect(found.nvidia).toMatchObject({ container: true, device_files: false })
    expect(found.next).toEqual([expect.stringContaining('docker run --gpus all')])
  })

  it('is not mistaken for a machine without a driver', async () => {
    const { next } = await look({ files: provider, programs })
    expect(next[0]).toMatch(/no NVIDIA driver \(libcuda\.so\.1\)/)
  })
})
