// Our share of what a page downloads stays small: npm run size, which needs no network.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('is within the limit of .size-limit.json', async () => {
  // Exit code 1 above a limit.
  const { stdout } = await promisify(execFile)('npm', ['run', '-s', 'size', '--', '--json'])
  const [page, readers, worker, fused, ...others] = JSON.parse(stdout) as {
    name: string
    passed?: boolean
    size: number
  }[]
  expect(page).toMatchObject({ name: 'crystal-onnx in a page', passed: true })
  expect(page.size).toBeGreaterThan(20_000)
  expect(readers).toMatchObject({ name: 'readers of all formats of structure files', passed: true })
  expect(readers.size).toBeGreaterThan(20_000)
  expect(worker).toMatchObject({ name: 'crystal-onnx in its worker of onnxruntime', passed: true })
  expect(worker.size).toBeGreaterThan(5_000)
  expect(fused).toMatchObject({ name: 'the fused engine in its worker, both kernels', passed: true })
  // The kernels are in it.
  expect(fused.size).toBeGreaterThan(50_000)
  expect(others.every(({ size }) => size > 200_000)).toBe(true)
})
