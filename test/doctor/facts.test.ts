// Each fact from what a program printed or a file holds.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bindingFolder, findLibrary, librariesOf, linkedLibraries } from '../../runtimes/node/libraries.ts'
import { plainReason } from '../../runtimes/node/reason.ts'
import { cudaMajor } from '../../src/doctor/cuda.ts'
import { installFacts, skippedBy } from '../../src/doctor/install-scripts.ts'
import { driverCuda, gpuList } from '../../src/doctor/nvidia.ts'
import { atLeast, GLIBC_REQUIRED, NODE_REQUIRED, platformFacts } from '../../src/doctor/platform.ts'
import { adapterList, vulkanFacts } from '../../src/doctor/vulkan.ts'
import { machine } from './machine.ts'
import {
  LDD_CUDA_12_NOTHING,
  LDD_CUDA_13_NO_DRIVER,
  NVIDIA_SMI,
  NVIDIA_SMI_LIST,
  VULKANINFO_SWIFTSHADER,
} from './recorded.ts'

describe('versions', () => {
  it('compares numbers, not text', () => {
    expect(atLeast('20.19.0', '20.19')).toBe(true)
    expect(atLeast('20.9.1', '20.19')).toBe(false)
    expect(atLeast('22.0.0', '20.19')).toBe(true)
    expect(atLeast('2.4', '2.28')).toBe(false)
    expect(atLeast('13', '12.4')).toBe(true)
  })

  it('requires what package.json says', () => {
    const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } }
    expect(engines.node).toBe(`>=${NODE_REQUIRED}`)
  })

  it.runIf(process.platform === 'linux')('requires the newest glibc that the binding has symbols of', () => {
    const symbols = readdirSync(bindingFolder()).flatMap((name) => {
      const binary = readFileSync(join(bindingFolder(), name), 'latin1')
      return [...binary.matchAll(/GLIBC_(2\.\d+)\b/g)].map(([, version]) => version)
    })
    expect(symbols.length).toBeGreaterThan(0)
    expect(symbols.every((version) => atLeast(GLIBC_REQUIRED, version))).toBe(true)
    expect(symbols).toContain(GLIBC_REQUIRED)
  })

  it('tells another C library from an old one', () => {
    expect(platformFacts(machine({ system: { glibc: undefined } })).glibc).toMatchObject({
      version: null,
      ok: false,
    })
    expect(platformFacts(machine({ system: { glibc: '2.17' } })).glibc).toMatchObject({ ok: false })
    expect(platformFacts(machine({ system: { platform: 'darwin' } })).glibc).toBeUndefined()
  })
})

describe('libraries', () => {
  it('reads ldd', () => {
    const linked = linkedLibraries(LDD_CUDA_13_NO_DRIVER)
    expect(linked).toHaveLength(7)
    expect(linked[4]).toEqual({ name: 'libcuda.so.1', path: undefined })
    expect(linked[3].path).toMatch(/^\/opt\/venv\/.*\/libcudart\.so\.13$/)
    expect(cudaMajor(linked)).toBe(13)
    expect(cudaMajor(linkedLibraries(LDD_CUDA_12_NOTHING))).toBe(12)
    expect(cudaMajor(linkedLibraries('	statically linked\n'))).toBeNull()
  })

  it.runIf(process.platform === 'linux')('finds what the dynamic linker finds here', async () => {
    const binding = await librariesOf(join(bindingFolder(), 'onnxruntime_binding.node'))
    const linked = binding?.find(({ name }) => name === 'libstdc++.so.6')
    expect(linked?.path).toMatch(/libstdc\+\+\.so\.6$/)
    expect(findLibrary('libstdc++.so.6')).toMatch(/libstdc\+\+\.so\.6$/)
    expect(findLibrary('libnothing.so.1')).toBeUndefined()
  })
})

describe('NVIDIA', () => {
  it('reads the list of GPUs', () => {
    expect(gpuList(NVIDIA_SMI_LIST)).toEqual({
      driver: '550.54.15',
      gpus: [0, 1].map((index) => ({
        index,
        name: 'NVIDIA H100 80GB HBM3',
        memory_mb: 81559,
        compute_capability: '9.0',
      })),
    })
    expect(gpuList('No devices were found\n')).toEqual({ driver: null, gpus: [] })
    expect(gpuList('0, Tesla K80, 470.82.01, 11441, [N/A]\n').gpus[0].compute_capability).toBeNull()
  })

  it('reads which CUDA the driver runs', () => {
    expect(driverCuda(NVIDIA_SMI)).toBe('12.4')
    expect(driverCuda('NVIDIA-SMI has failed because it could not communicate with the driver.')).toBeNull()
  })
})

describe('Vulkan', () => {
  it('reads the adapters, and which are software', () => {
    expect(adapterList(VULKANINFO_SWIFTSHADER)).toEqual([
      { name: 'SwiftShader Device (Subzero)', driver: 'SwiftShader driver', software: true },
    ])
    const gpu = VULKANINFO_SWIFTSHADER.replace('TYPE_CPU', 'TYPE_DISCRETE_GPU').replace(
      'SwiftShader Device (Subzero)',
      'NVIDIA H100 80GB HBM3',
    )
    expect(adapterList(gpu)).toMatchObject([{ name: 'NVIDIA H100 80GB HBM3', software: false }])
    expect(adapterList('')).toEqual([])
  })

  it('reads the manifests of drivers where there is no vulkaninfo', async () => {
    const files = {
      '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json': '{"ICD": {"library_path": "libvulkan_lvp.so"}}',
      '/usr/share/vulkan/icd.d/nvidia_icd.json': '{"ICD": {"library_path": "libGLX_nvidia.so.0"}}',
      '/opt/driver.json': '{"ICD": {"library_path": "./libvk_swiftshader.so"}}',
    }
    const libraries = { 'libvulkan.so.1': '/usr/lib/libvulkan.so.1' }
    const { drivers, adapters } = await vulkanFacts(machine({ files, libraries }))
    expect(adapters).toBeNull()
    expect(drivers.map(({ software }) => software)).toEqual([true, false])
    const env = { VK_DRIVER_FILES: '/opt/driver.json:/opt/absent.json' }
    const named = await vulkanFacts(machine({ files, libraries, system: { env } }))
    expect(named.drivers).toEqual([{ manifest: '/opt/driver.json', software: true }])
  })
})

describe('install scripts', () => {
  const project = {
    '/srv/app/package.json': '{"allowScripts": {"onnxruntime-node@1.30.0": false, "sharp": true}}',
  }

  it('names every setting that keeps the provider from being downloaded', () => {
    const files = {
      ...project,
      '/srv/app/.npmrc': '# no scripts\nonnxruntime-node-install=skip\n',
      '/home/ana/.npmrc': 'ignore-scripts = true\nregistry=https://registry.npmjs.org/\n',
    }
    const env = { HOME: '/home/ana', ONNXRUNTIME_NODE_INSTALL: 'skip' }
    expect(skippedBy(machine({ files, system: { env } }), '/srv/app/src')).toEqual([
      'ONNXRUNTIME_NODE_INSTALL=skip in the environment',
      'onnxruntime-node-install=skip in /srv/app/.npmrc',
      'ignore-scripts = true in /home/ana/.npmrc',
      'allowScripts in /srv/app/package.json',
    ])
  })

  it('finds none where nothing forbids it', () => {
    const files = { '/srv/app/package.json': '{"allowScripts": {"onnxruntime-node": true}}' }
    expect(skippedBy(machine({ files }), '/srv/app')).toEqual([])
    expect(skippedBy(machine({ files: { '/srv/app/package.json': '{' } }), '/srv/app')).toEqual([])
    expect(skippedBy(machine(), '/srv')).toEqual([])
  })

  it('gives a command that exists', () => {
    const { command } = installFacts(machine(), '/')
    const [node, script, flag] = command.split(' ')
    expect([node, flag]).toEqual(['node', '--onnxruntime-node-install=cuda12'])
    expect(readFileSync(script, 'utf8')).toContain('--onnxruntime-node-install')
  })
})

describe('messages of onnxruntime', () => {
  const source = '/onnxruntime_src/onnxruntime/core/providers'
  it.each([
    [
      `${source}/webgpu/webgpu_context.cc:136 onnxruntime::webgpu::WebGpuContext::Initialize(const onnxruntime::webgpu::WebGpuContextConfig&)::<lambda()> adapter_result.status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: No supported adapters\n`,
      'Failed to get a WebGPU adapter: No supported adapters',
    ],
    [
      `${source}/cuda/cuda_call.cc:154 std::conditional_t<THRW, void, onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE) [with ERRTYPE = cudaError; bool THRW = true] CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1 ; hostname=vm ; file=${source}/cuda/cuda_execution_provider.cc ; line=352 ; expr=cudaSetDevice(info_.device_id); \n\n`,
      'CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version',
    ],
    ['Load model failed:  bad  protobuf', 'Load model failed: bad protobuf'],
  ])('are shortened to what they say', (message, reason) => {
    expect(plainReason(message)).toBe(reason)
  })

  it('are cut where they are endless', () => {
    expect(plainReason('x'.repeat(5000)).length).toBeLessThan(400)
  })
})
