// Native WebGPU in Node, on a software Vulkan driver: right on every golden structure, nothing but shape arithmetic left
// to the CPU, and refused where golden samples disagree, as every device is.

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { referenceForward } from '../../models/reference/forward.ts'
import { relativeError } from '../../runtimes/card.ts'
import { exportCase, TARGET, TINY, withCard } from '../exporters/crystal/exported.ts'
import { goldenStructures, goldenValues, goldenWeights } from '../golden/goldens.ts'
import { onDisk } from '../runtimes/models.ts'
import { onVulkan, softwareVulkan } from '../runtimes/vulkan.ts'
import type { Answer, Task } from './webgpu-process.ts'

/** float32 on a GPU against float64; exponentials and square roots there are not those of the processor. */
const WEBGPU = 1e-4
const PROGRAM = fileURLToPath(new URL('./webgpu-process.ts', import.meta.url))

/** Against the published code where it has values; the infinite sum against float64, on all golden structures. */
const CASES = [TINY, { ...TINY, mode: 'converged' as const }]

describe.skipIf(softwareVulkan() === undefined)(onVulkan('WebGPU in Node'), () => {
  const [published] = CASES
  const values = goldenValues(published.name)!
  const all = [...goldenStructures()]
  const structures = CASES.map(({ mode }) =>
    all.filter(([name]) => mode === 'converged' || values.has(`${name}/pred`)),
  )
  let answer: Answer

  beforeAll(async () => {
    const exports = await Promise.all(CASES.map((golden) => exportCase(golden)))
    const tampered = await withCard(exports[0], (card) => {
      card.golden[1].value[0] *= 1.001
      return card
    })
    const task: Task = {
      models: exports.map(({ bytes }, n) => ({
        file: onDisk(bytes),
        structures: structures[n].map(([, s]) => s),
      })),
      tampered: onDisk(tampered),
    }
    const file = join(dirname(task.tampered), 'task.json')
    writeFileSync(file, JSON.stringify(task))
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', PROGRAM, file], {
      env: { ...process.env, ...softwareVulkan() },
    })
    answer = JSON.parse(stdout)
  }, 240_000)

  it.each(CASES.map(({ mode }, n) => [mode, n] as const))('predicts golden structures, %s', (mode, n) => {
    const weights = goldenWeights(TINY.weights, TINY.config)
    for (const [i, [name, structure]] of structures[n].entries()) {
      const [output] =
        mode === 'converged'
          ? referenceForward(weights, TINY.config, structure, mode).value
          : values.get(`${name}/pred`)!
      const expected = output * TARGET.std + TARGET.mean
      expect(relativeError(answer.values[n][i], expected, TARGET.std), name).toBeLessThan(WEBGPU)
    }
  })

  it('is chosen from a list where the device before it is missing, with a warning', () => {
    expect(answer.report).toMatch(/^webgpu; passed over cuda: cannot be used: its provider library/)
    expect(answer.warnings).toEqual(CASES.map(() => `the model runs on ${answer.report}`))
  })

  it('leaves nothing but int64 arithmetic of shapes to the CPU', () => {
    const providers = new Set(answer.nodes.map(({ provider }) => provider))
    expect(providers).toContain('WebGpuExecutionProvider')
    for (const { operator, provider, types } of answer.nodes) {
      if (provider === 'WebGpuExecutionProvider') continue
      expect(`${operator}: ${[...new Set(types)]}`).toBe(`${operator}: int64`)
    }
  })

  it('refuses a model whose golden samples were changed, on this device and on the next', () => {
    expect(answer.refusal).toMatch(/^no device runs this model\. webgpu: is refused: .*; cpu: is refused: /)
  })
})
