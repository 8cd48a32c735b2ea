// The server with KServe's own clients, and the manifest for KServe by the classes that its package has for its resources.

import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { CLI, example } from '../cli/run.ts'
import { pythonWith } from '../python.ts'
import { type Served, serve } from './served.ts'

const MODEL = 'formation-energy-small'
const PYTHON = pythonWith('import kserve', 'kserve')
const besides = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const kserve = PYTHON ? 'kserve' : 'kserve is not installed (.ci/run sets it up)'
/** Of one way of asking: by crystal. */
interface Answers {
  readonly texts: Outputs
  readonly numbers: Outputs
}
interface Outputs {
  readonly prediction: number[][]
  readonly uncertainty: number[][][]
  readonly domain: string[]
}
/** What the manifest lacks and has too much in the second test. */
type Manifest = { spec: { predictor: { maxReplica?: number; containers: { name?: string }[] } } }

describe.skipIf(!PYTHON)(kserve, () => {
  let server: Served
  beforeAll(async () => {
    server = await serve(MODEL, '--workers', '1')
  })
  afterAll(async () => {
    process.kill(server.pid, 'SIGTERM')
    expect(await server.ended).toBe(0)
  })

  it('gets health, metadata, predictions and errors over HTTP and gRPC', async () => {
    const args = [besides('./kserve-client.py'), server.url, server.grpc, example('NaCl.cif')]
    const { stdout } = await promisify(execFile)(PYTHON!, args, { timeout: 50_000 })
    const answers = JSON.parse(stdout)
    const predicted = execFileSync(process.execPath, [
      ...[CLI, 'predict', example('NaCl.cif'), '-m', MODEL, '--json'],
    ])
    const { value, interval, domain } = JSON.parse(String(predicted))
    expect(Object.keys(answers)).toEqual(['http json', 'http binary', 'grpc'])
    for (const { texts, numbers, ...rest } of Object.values<Answers>(answers)) {
      const { prediction, uncertainty, domain: domains } = texts
      for (const [one] of [...prediction, ...numbers.prediction]) expect(one).toBeCloseTo(value[0], 5)
      expect(uncertainty[1][0][1]).toBeCloseTo(interval.high[0], 5)
      expect(JSON.parse(domains[1])).toEqual({ ...domain, score: expect.closeTo(domain.score, 5) })
      expect(rest).toMatchObject({
        ...{ live: true, ready: true, model_ready: true },
        broken: expect.stringMatching(/crystal 1: .*not recognised/),
        unknown: expect.stringMatching(/no model "other" here/),
      })
    }
    expect(answers.grpc).toMatchObject({
      server: 'crystal-onnx',
      outputs: expect.arrayContaining(['domain']),
    })
  })

  const wrongIn = (manifest: unknown): string[] =>
    JSON.parse(
      String(execFileSync(PYTHON!, [besides('./kserve-manifest.py')], { input: JSON.stringify(manifest) })),
    )
  const manifest = () =>
    parse(readFileSync(besides('../../examples/serving/kserve.yaml'), 'utf8')) as Manifest

  it('knows every field of the manifest, and misses none', () => {
    expect(wrongIn(manifest())).toEqual([])
  })

  it('says what is wrong with another one', () => {
    const other = manifest()
    other.spec.predictor.maxReplica = 1
    delete other.spec.predictor.containers[0].name
    const wrong = wrongIn(other)
    expect(wrong).toContain('.spec.predictor.maxReplica: V1beta1PredictorSpec has no such field')
    expect(wrong.find((one) => one.startsWith('.spec.predictor.containers[0]: '))).toMatch(/name/)
  })
})
