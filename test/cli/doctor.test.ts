// `doctor` on this machine, whatever it has: the CPU runs, every device says why it does not, and the exit code tells.
// And the option `--device` of the commands that run models.

import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { deviceChoice } from '../../src/cli/device.ts'
import { onVulkan, softwareVulkan } from '../runtimes/vulkan.ts'
import { cli, cliWith, example, fixture, temporaryFolder } from './run.ts'

describe('doctor', () => {
  it('prints one object: what is here, and which device is the default', async () => {
    const { code, lines, stderr } = await cli('doctor', '--json')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(lines).toHaveLength(1)
    const [{ node, devices, default_device, next, install }] = lines
    expect(node).toMatchObject({ version: process.versions.node, ok: true })
    const cpu = devices.find(({ device }: { device: string }) => device === 'cpu')
    expect(cpu).toMatchObject({ runs: true })
    expect(cpu.max_error).toBeLessThan(1e-6)
    for (const { device, runs, reason } of devices) expect(runs || reason?.length > 0, device).toBe(true)
    expect(['cuda', 'cpu']).toContain(default_device)
    expect(install.command).toContain('onnxruntime-node')
    expect(Array.isArray(next)).toBe(true)
  })

  it('prints a table for people', async () => {
    const { code, stdout } = await cli('doctor')
    expect(code).toBe(0)
    for (const row of ['Node', 'CUDA provider', 'NVIDIA GPU', 'device cpu']) expect(stdout).toContain(row)
    expect(stdout).toMatch(/Models run on \w+/)
  })

  it.skipIf(softwareVulkan() === undefined)(onVulkan('runs WebGPU where there is a driver'), async () => {
    const { lines } = await cliWith(softwareVulkan()!, 'doctor', '--json')
    const [{ devices, vulkan, next }] = lines
    expect(devices).toContainEqual(expect.objectContaining({ device: 'webgpu', runs: true }))
    expect(vulkan.drivers).toEqual([expect.objectContaining({ software: true })])
    expect(next).toContainEqual(expect.stringContaining('webgpu runs in software'))
  })
})

describe('--device', () => {
  const model = join(temporaryFolder(), 'tiny.onnx')
  const predict = (...device: string[]) =>
    cli('predict', example('NaCl.cif'), '-m', model, '--json', ...device)

  beforeAll(async () => {
    const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
    expect((await cli('export', weights, '-o', model, '--json')).code).toBe(0)
  })

  it('takes a list, and warns once on stderr where another device runs than the first', async () => {
    const { code, lines, stderr } = await predict('--device', 'coreml,dml,cpu')
    expect(code).toBe(0)
    expect(lines[0].device).toBe('cpu')
    expect(lines[0].device_report).toMatch(
      /^cpu \(fused engine, .*\); passed over coreml: .*; passed over dml: ./,
    )
    expect(stderr.trim().split('\n')).toEqual([`warning the model runs on ${lines[0].device_report}`])
  })

  it('says nothing where the device that was named runs', async () => {
    const { lines, stderr } = await predict('--device', 'cpu')
    expect(lines[0]).toMatchObject({ device: 'cpu', device_report: expect.stringMatching(/^cpu \([^;]*\)$/) })
    expect(stderr).toBe('')
  })

  it('fails with the next step where a device that was named alone does not run', async () => {
    const named = process.platform === 'darwin' ? 'dml' : 'coreml'
    const { code, lines } = await predict('--device', named)
    expect(code).toBe(1)
    expect(lines[0].error.code).toBe('DEVICE')
    expect(lines[0].error.message).toMatch(/no such provider on .*or use device "cpu"$/)
    const verified = await cli('verify', model, '--device', named, '--json')
    expect(verified.code).toBe(1)
    expect(verified.lines.at(-1).error.message).toBe(lines[0].error.message)
  })

  it('refuses a name that is none', async () => {
    for (const devices of ['gpu', 'cuda,tpu', '', 'auto,cpu']) {
      expect(() => deviceChoice(devices)).toThrow(/is none of cpu, cuda, tensorrt, webgpu, dml, coreml, auto/)
    }
    const { code, stderr } = await predict('--device', 'gpu')
    expect(code).toBe(2)
    expect(stderr).toContain('"gpu" is none of cpu')
  })
})
