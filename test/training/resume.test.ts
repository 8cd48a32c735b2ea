// Runs that were interrupted: they go on with the same curve, whatever a process left behind, and refuse what they were not
// started with.

import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { readSafetensors } from '../../models/safetensors.ts'
import { TrainingError } from '../../src/errors.ts'
import { readRun } from '../../src/training/read-run.ts'
import { train } from '../../src/training/run.ts'
import { labelled } from './crystals.ts'
import { whyNot } from './native.ts'
import { stopAfter } from './tiny.ts'
import { curve, expectClose, OPTIONS, wholeRuns } from './whole-runs.ts'

/** A resumed run repeats the same float32 operations. */
const RESUMED = 1e-6

const { run, folder } = wholeRuns()

const here = await Promise.all(
  (['wasm', 'native', 'tensorflow'] as const).map(async (name) => ((await whyNot(name)) ? [] : [name])),
)

describe('resume', () => {
  it.each(here.flat())(
    'goes on with the very same curve and ends with the same weights on %s',
    async (backend) => {
      const whole = run({ backend })
      const full = await train(whole)
      for (const epoch of [3, 5]) {
        const settings = run({ backend })
        await expect(train({ ...settings, ...stopAfter(epoch) })).rejects.toThrow(/abort/i)
        const resumed = await train({ ...settings, resume: true })
        expectClose(curve(resumed.history), curve(full.history), RESUMED)
        const [a, b] = await Promise.all(
          [whole, settings].map(
            async (r) => readSafetensors(await readFile(`${r.runFolder}/weights.safetensors`)).tensors,
          ),
        )
        for (const [name, { data }] of a) {
          data.forEach((x, i) => {
            expect(Math.abs(x - b.get(name)!.data[i])).toBeLessThanOrEqual(RESUMED)
          })
        }
      }
    },
  )

  it('survives a process that died while it wrote', async () => {
    const full = await train(run())
    const settings = run()
    await expect(train({ ...settings, ...stopAfter(3) })).rejects.toThrow()
    const checkpoint = `${settings.runFolder}/checkpoint`
    // Died in the middle of epoch 4's tensors; after them, before the JSON; in the middle of a line of metrics.
    const tensors = await readFile(`${checkpoint}/epoch-3.safetensors`)
    await writeFile(`${checkpoint}/epoch-4.safetensors.123.tmp`, tensors.subarray(0, 1000))
    await writeFile(`${checkpoint}/epoch-4.safetensors`, tensors.subarray(0, 2000))
    await writeFile(`${checkpoint}/state.json.123.tmp`, '{"format":')
    const metrics = await readFile(`${settings.runFolder}/metrics.jsonl`, 'utf8')
    const line = metrics.trim().split('\n').at(-1)!.replace('"epoch":3', '"epoch":4')
    await writeFile(`${settings.runFolder}/metrics.jsonl`, `${metrics}${line}\n${line.slice(0, 20)}`)
    const resumed = await train({ ...settings, resume: true })
    expectClose(curve(resumed.history), curve(full.history), RESUMED)
    expect((await readdir(checkpoint)).sort()).toEqual(['epoch-6.safetensors', 'state.json'])
  })

  it('starts anew where the first epoch was never finished', async () => {
    const full = await train(run({ options: { ...OPTIONS, epochs: 2, swa_epochs: 0 } }))
    const settings = run({ options: { ...OPTIONS, epochs: 2, swa_epochs: 0 } })
    await mkdir(settings.runFolder)
    await writeFile(`${settings.runFolder}/metrics.jsonl`, `${JSON.stringify(full.history[0])}\n`)
    const again = await train({ ...settings, resume: true })
    expect(curve(again.history)).toEqual(curve(full.history))
  })

  it('refuses other data, other settings, and what is no run', async () => {
    const settings = run({ options: { ...OPTIONS, epochs: 2, swa_epochs: 0 } })
    await train(settings)
    const again = { ...settings, resume: true }
    await expect(train({ ...again, data: { name: 'x', crystals: labelled(20) } })).rejects.toThrow(
      /sha256 differs/,
    )
    await expect(train({ ...again, options: { seed: 9 } })).rejects.toThrow(
      /seed is 9, the run in .* was started with 3/,
    )
    // What the run has is eV/atom of the energy itself; what is not said is as the run has it.
    for (const [wrong, message] of [
      [{ unit: 'meV' }, /the unit of energy is meV, the run in .* has eV\/atom/],
      [{ unit: '1' }, /the unit of energy is 1, the run/],
      [{ transform: 'log10' }, /the log10 of energy is asked for, the run in .* learns its value/],
    ] as const) {
      await expect(train({ ...again, targets: [{ name: 'energy', ...wrong }] })).rejects.toThrow(message)
    }
    expect((await train({ ...again, targets: [{ name: 'energy', transform: 'none' }] })).backend).toBeNull()
    await expect(train(settings)).rejects.toThrow(/holds a run already; resume it/)
    await expect(readRun(`${folder()}/nothing`)).rejects.toThrow(TrainingError)

    const damaged = `${folder()}/damaged`
    await cp(settings.runFolder, damaged, { recursive: true })
    const file = `${damaged}/checkpoint/epoch-2.safetensors`
    await writeFile(file, (await readFile(file)).subarray(0, 3000))
    await expect(train({ ...again, runFolder: damaged })).rejects.toThrow(
      /epoch-2\.safetensors: the checkpoint is damaged/,
    )
    await writeFile(`${damaged}/checkpoint/state.json`, '{"format":9}')
    await expect(train({ ...again, runFolder: damaged })).rejects.toThrow(/is no checkpoint of this version/)
  })
})
