// Choice of the backend: order, reasons, and errors with the next step.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import type { BackendName } from '../../src/engines/backends.ts'
import { explain, selectBackend } from '../../src/engines/select.ts'
import { TrainingError } from '../../src/errors.ts'

afterAll(() => void tf.setBackend('cpu'))

describe('selectBackend', () => {
  it('auto says what it passed over and why', async () => {
    const selected = await selectBackend('auto')
    const ours = ['native', 'wasm'].includes(selected.name)
    expect(tf.getBackend()).toBe(ours ? 'wasm' : selected.name.split('-')[0])
    for (const { why } of selected.passedOver) expect(why).toMatch(/not installed|missing|library/i)
  })

  it('gives what is asked for by name', async () => {
    for (const name of ['cpu', 'wasm', 'native'] as const) {
      expect(await selectBackend(name)).toMatchObject({ name, passedOver: [] })
      expect(tf.getBackend()).toBe(name === 'native' ? 'wasm' : name)
    }
  })

  it('refuses a name that is none', async () => {
    await expect(selectBackend('cuda' as BackendName)).rejects.toThrow(/"cuda" is not one of auto, /)
    await expect(selectBackend('constructor' as BackendName)).rejects.toThrow(TrainingError)
  })
})

describe('the reason of a backend that does not start', () => {
  it('tells a package that is not installed from one without its native binary', async () => {
    const folder = await mkdtemp(`${tmpdir()}/crystal-onnx-`)
    try {
      const broken = `${folder}/node_modules/broken-native`
      await mkdir(broken, { recursive: true })
      await writeFile(`${broken}/index.js`, `require('./lib/napi-v8/tfjs_binding.node')`)
      await writeFile(`${broken}/package.json`, '{"name":"broken-native","main":"index.js"}')
      const { createRequire } = await import('node:module')
      const load = createRequire(`${folder}/x.js`)
      expect(reasonOf(() => load('broken-native'))).toMatch(
        /^its native binary is missing \(.*tfjs_binding\.node\)$/,
      )
      expect(reasonOf(() => load('absent-native'))).toBe('absent-native is not installed')
      expect(
        reasonOf(() => {
          throw new Error('libcudart.so.11.0: cannot open\nshared object file')
        }),
      ).toBe('libcudart.so.11.0: cannot open')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

function reasonOf(load: () => unknown): string {
  try {
    load()
  } catch (cause) {
    return explain(cause)
  }
  throw new Error('it loads')
}
