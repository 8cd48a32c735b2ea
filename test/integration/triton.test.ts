// Models of a repository in a real Triton server, whose Python backend runs the graph (examples/triton/model.py), asked by
// NVIDIA's own client over gRPC and by a server of ours in front of it; and every configuration read by the message definitions
// that come with it. What such a server says of trust is in triton-trust.test.ts.

import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LAYOUTS } from '../../exporters/triton/names.ts'
import { relativeError } from '../../runtimes/card.ts'
import { load } from '../../runtimes/node/load.ts'
import { connect } from '../../src/client/index.ts'
import { isOrdered } from '../../src/crystal/structure.ts'
import { cli, fixture, temporaryFolder } from '../cli/run.ts'
import { goldenStructures } from '../golden/goldens.ts'
import {
  exportInto,
  F32,
  inFront,
  parser,
  START_MS,
  server,
  type Triton,
  tritonsOf,
} from './triton-servers.ts'

const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
const folder = temporaryFolder()
const repository = join(folder, 'repository')
const file = join(folder, 'small.onnx')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One of each layout. */
const MODELS = LAYOUTS.map((layout) => ({
  ...{ name: layout, layout },
  from: layout === 'cells' ? weights : file,
}))

beforeAll(async () => {
  if (!parser) return
  await cli('export', weights, '-o', file)
  await exportInto(repository, MODELS)
}, 400_000)

const READ = `
import sys
from google.protobuf import text_format, json_format
from tritonclient.grpc import model_config_pb2
print(json_format.MessageToJson(text_format.Parse(open(sys.argv[1]).read(), model_config_pb2.ModelConfig())))
`

describe.skipIf(!parser)(
  'config.pbtxt, read by the messages of tritonclient (skipped where no Python has it)',
  () => {
    const read = (layout: string) => {
      const text = execFileSync(parser!, ['-c', READ, join(repository, layout, 'config.pbtxt')], {
        encoding: 'utf8',
      })
      return JSON.parse(text)
    }
    it('of every layout', () => {
      for (const layout of LAYOUTS)
        expect(read(layout)).toMatchObject({ name: layout, backend: 'onnxruntime' })
      expect(read('tables').dynamicBatching).toBeUndefined()
      const cells = read('cells')
      expect(
        cells.input.map(({ name, dims }: { name: string; dims: string[] }) => [name, dims.map(Number)]),
      ).toEqual([
        ['numbers', [-1]],
        ['frac', [-1, 3]],
        ['lattice', [3, 3]],
      ])
      expect(cells.batchInput).toEqual([
        {
          kind: 'BATCH_ACCUMULATED_ELEMENT_COUNT',
          targetName: ['atoms_end'],
          dataType: 'TYPE_INT32',
          sourceInput: ['numbers'],
        },
      ])
      expect(
        read('ragged').input.every(({ allowRaggedBatch }: { allowRaggedBatch: boolean }) => allowRaggedBatch),
      ).toBe(true)
    })
  },
)

const ASK = `
import json, sys, time
import numpy as np, tritonclient.grpc as triton
client = triton.InferenceServerClient(sys.argv[1])
crystals = json.load(sys.stdin)
answers = [None] * len(crystals)
def inputs(crystal):
    data = {"numbers": np.int32([crystal["numbers"]]), "frac": np.float32([crystal["frac"]]), "lattice": np.float32([crystal["lattice"]])}
    given = [triton.InferInput(name, list(x.shape), "INT32" if x.dtype == np.int32 else "FP32") for name, x in data.items()]
    for tensor, x in zip(given, data.values()): tensor.set_data_from_numpy(x)
    return given
import threading
done = threading.Semaphore(0)
def answered(n):
    def take(result, error):
        answers[n] = {"error": error.message()} if error else {"value": float(result.as_numpy("prediction")[0, 0])}
        done.release()
    return take
def ask(numbers):
    for n in numbers: client.async_infer("cells", inputs(crystals[n]), answered(n))
    for _ in numbers: done.acquire()
good = range(len(crystals) - 1)
ask(good)
# A batch is counted after its answers have left.
for _ in range(100):
    stats = client.get_inference_statistics("cells").model_stats[0]
    if stats.inference_count >= len(good): break
    time.sleep(0.1)
# The last one is of no good, and is merged with others.
ask([*good[:5], len(crystals) - 1])
print(json.dumps({"answers": answers, "requests": stats.inference_count, "runs": stats.execution_count}))
`

describe.skipIf(!server)('a real Triton server (skipped where no Python has nvidia-pytriton)', () => {
  const running: Triton[] = []
  let start: () => Promise<Triton>

  beforeAll(async () => {
    start = tritonsOf(folder, repository, MODELS)
    running.push(await start())
  }, START_MS)
  afterAll(() => {
    for (const one of running) one.kill()
  })

  it(
    'merges the requests of many crystals, and answers each as the file with tables does',
    async () => {
      const crystals = [...goldenStructures().values()].filter(({ frac }) => frac.length < 12)
      const asked = Array.from({ length: 40 }, (_, n) => crystals[n % crystals.length])
      const unknown = { ...asked[0], species: asked[0].species.map(() => [{ element: 3000, occupancy: 1 }]) }
      const given = [...asked, unknown].map(({ lattice, frac, species }) => ({
        ...{ lattice, frac },
        numbers: species.map(([{ element }]) => element),
      }))
      const text = execFileSync(server!, ['-c', ASK, running[0].address], {
        input: JSON.stringify(given),
        encoding: 'utf8',
        timeout: START_MS,
      })
      const { answers, requests, runs } = JSON.parse(text)
      const model = await load(file, { device: 'cpu', threads: 1 })
      for (const [n, crystal] of asked.entries()) {
        const { value } = await model.predict(crystal)
        expect.soft(relativeError(answers[n].value, value, 1), crystal.name).toBeLessThan(F32)
      }
      await model.dispose()
      expect(answers.at(-1).error).toMatch(/out of data bounds/)
      expect(requests).toBe(40)
      expect(runs).toBeLessThan(requests)
    },
    START_MS,
  )

  it(
    'runs the graphs of a server of ours in front of it, in every layout, and one of two can be killed',
    async () => {
      running.push(await start())
      const addresses = running.map(({ address }) => address)
      const front = await inFront(
        LAYOUTS.map((name) => ({ name, source: file })),
        addresses,
      )
      const model = await load(file, { device: 'cpu', threads: 1 })
      const crystals = [...goldenStructures().values()]
        .filter(isOrdered)
        .filter(({ frac }) => frac.length < 9)
      const values = await Promise.all(crystals.map(async (crystal) => (await model.predict(crystal)).value))
      const ask = async (name: string) => {
        let n = 0
        for await (const outcome of connect(front.url, { model: name }).predictMany(crystals)) {
          const value = outcome.error ? Number.NaN : outcome.value
          expect(relativeError(value, values[n++], 1), outcome.error?.message).toBeLessThan(F32)
        }
        expect(n).toBe(crystals.length)
      }
      try {
        for (const name of LAYOUTS) await ask(name)
        // Every layout at a time, over and over: the first answer is the sign to kill one of the two.
        let answered = 0
        const asking = LAYOUTS.map(async (name) => {
          for (let round = 0; round < 4; round++) {
            await ask(name)
            if (++answered === 1) running[0].kill()
          }
        })
        await Promise.all(asking)
        expect(answered).toBe(4 * LAYOUTS.length)
      } finally {
        await front.stop(0)
        await model.dispose()
      }
    },
    3 * START_MS,
  )
})
