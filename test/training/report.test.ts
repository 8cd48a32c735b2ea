// The report and the progress of a run, from made-up numbers.

import { Writable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { modelConfig } from '../../models/attention/config.ts'
import type { EpochMetrics } from '../../src/training/events.ts'
import { trainingOptions } from '../../src/training/options.ts'
import { trainingProgress } from '../../src/training/progress.ts'
import { reportPage } from '../../src/training/report.ts'

const history: EpochMetrics[] = Array.from({ length: 10 }, (_, n) => ({
  epoch: n + 1,
  phase: n < 8 ? 'train' : 'average',
  steps: 10 * (n + 1),
  loss: 1 / (n + 1),
  grad_norm: 1,
  learning_rate: 1e-3,
  val_mae: [0.5 / (n + 1)],
  average_val_mae: n < 8 ? null : [0.06],
  seconds: 2,
  peak_memory_mb: 300,
}))
const crystals = [
  { id: '<b>c1</b>', formula: 'NaCl', elements: [11, 17], sites: 2, actual: [1], predicted: [1.5] },
  { id: 'c2', formula: 'NaF', elements: [9, 11], sites: 2, actual: [2], predicted: [1.9] },
]
const targets = [{ name: 'e', unit: 'eV', n: 2, mae: 0.3, rmse: 0.36, standardised: 0.15 }]
const evaluated = { n: 2, targets, crystals }
const config = {
  format: 1 as const,
  toolkit: '0.1.0',
  model: modelConfig(),
  training: trainingOptions(),
  targets: [{ name: 'e', unit: 'eV', mean: 1, std: 2 }],
  data: { name: 'made up', sha256: 'ab'.repeat(32), train: 100, val: 2, test: 2 },
}

describe('reportPage', () => {
  it('shows errors, worst crystals first, elements and settings, and escapes ids', async () => {
    const page = await reportPage(config, history, { weights: 'average', val: evaluated, test: evaluated })
    expect(page).toContain('<dt>Test MAE</dt><dd>0.300 <small>eV</small>')
    // Always answering the mean 1 errs by 0 and 1: 0.5 on average, 1.7 times 0.3.
    expect(page).toContain('1.7 ×')
    expect(page.indexOf('&lt;b&gt;c1')).toBeGreaterThan(0)
    expect(page.indexOf('&lt;b&gt;c1')).toBeLessThan(page.indexOf('<td>c2'))
    expect(page).not.toMatch(/<b>c1|<script|https?:\/\/(?!www\.w3\.org)/)
    for (const text of ['learning_rate', 'averaging', '>Na</text>', '>Cl</text>'])
      expect(page).toContain(text)
  })

  it('says so when there is nothing to judge by', async () => {
    const bare = history.map((m) => ({ ...m, val_mae: null, average_val_mae: null }))
    const page = await reportPage(config, bare, { weights: 'last', val: null, test: null })
    expect(page).toContain('neither a test nor a validation split')
  })
})

describe('trainingProgress', () => {
  it('keeps no timer on a terminal once it is stopped, as when a run fails', () => {
    vi.useFakeTimers()
    const terminal = Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), {
      ...{ isTTY: true, columns: 80, cursorTo() {}, clearLine() {}, moveCursor() {} },
    })
    const progress = trainingProgress(terminal as unknown as NodeJS.WriteStream)
    progress({
      ...{
        type: 'start',
        backend: { name: 'wasm', reason: 'here', passedOver: [] },
        threads: 1,
        parameters: 10,
      },
      ...{ train: 8, val: 1, test: 1, epochs: 10, done: 0 },
    })
    expect(vi.getTimerCount()).toBe(1)
    progress.stop()
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('prints plain lines where there is no terminal, not one an epoch when there are many', () => {
    const lines: string[] = []
    const stream = {
      isTTY: false,
      write: (text: string) => void lines.push(text),
    } as unknown as NodeJS.WriteStream
    const onEvent = trainingProgress(stream)
    const backend = { name: 'wasm', reason: 'built in', passedOver: [] } as const
    onEvent({
      type: 'start',
      backend,
      threads: 2,
      parameters: 1234,
      train: 10,
      val: 2,
      test: 2,
      epochs: 200,
      done: 0,
    })
    for (let epoch = 1; epoch <= 200; epoch++) {
      onEvent({ type: 'epoch', metrics: { ...history[0], epoch }, epochs: 200, units: ['eV'] })
    }
    onEvent({ type: 'end', exported: 'average', seconds: 3725, peakMemory: 512 })
    expect(lines[0]).toContain('1,234 parameters')
    expect(lines.length).toBe(42)
    expect(lines[1]).toMatch(/^epoch 5\/200 {2}loss 1\.0000 {2}val 0\.500 eV {2}.* left\n$/)
    expect(lines.at(-1)).toBe('trained in 1 h 2 min, at most 512 MB of memory; averaged weights kept\n')
  })
})
