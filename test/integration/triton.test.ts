// Models of a repository in a real Triton server, whose Python backend runs the graph (examples/triton/model.py), asked by
// NVIDIA's own client over gRPC and by a server of ours in front of it; and every configuration read by the message definitions that come with it. Triton's
// onnxruntime backend is not on the Python registry.

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportCrystalModel } from '../../exporters/crystal/export.ts'
import { goldenStructures as builtIn } from '../../exporters/crystal/golden.ts'
import { LAYOUTS } from '../../exporters/triton/names.ts'
import { joinMembers, type Member } from '../../models/join-members.ts'
import { relativeError } from '../../runtimes/card.ts'
import { load } from '../../runtimes/node/load.ts'
import { connect } from '../../src/client/index.ts'
import { isOrdered, type Structure } from '../../src/crystal/structure.ts'
import { keysFrom } from '../../src/server/auth.ts'
import { logOf } from '../../src/server/log.ts'
import type { NamedSource } from '../../src/server/names.ts'
import { type Running, startServer } from '../../src/server/server.ts'
import { upstreamAddress } from '../../src/server/upstream/address.ts'
import { CONVERGED_FORMER, CONVERGED_FRAMER } from '../browser/models.ts'
import { cli, fixture } from '../cli/run.ts'
import { TARGET } from '../exporters/crystal/exported.ts'
import { freePort } from '../free-port.ts'
import { goldenStructures, goldenWeights } from '../golden/goldens.ts'
import { pythonWith } from '../python.ts'

/** Float32 coordinates and sums in another order. */
const F32 = 2e-6
/** Of it, for means and differences of two members, and ends of intervals that follow from features. */
const DERIVED = 4
const MEMBERS: readonly Member[] = [CONVERGED_FORMER, CONVERGED_FRAMER].map(({ config, weights }, n) => ({
  config,
  weights: goldenWeights(weights, config),
  targets: [{ ...TARGET, mean: TARGET.mean + n, std: TARGET.std * (1 + n) }],
}))
const START_MS = 60_000

const parser = pythonWith('import tritonclient.grpc, google.protobuf.text_format', 'triton')
const server = parser && pythonWith('import pytriton, onnxruntime, tritonclient.grpc', 'triton')
const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
const folder = mkdtempSync(join(tmpdir(), 'triton-'))
const repository = join(folder, 'repository')
const file = join(folder, 'small.onnx')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ensemble = join(folder, 'ensemble.onnx')
/** With a domain and intervals. */
const trusted = fileURLToPath(new URL('../../models/pretrained/formation-energy-small.onnx', import.meta.url))
/** What is put into the repository, and the file that it is made of. */
const MODELS = [
  ...LAYOUTS.map((layout) => ({ name: layout as string, layout, from: layout === 'cells' ? weights : file })),
  ...(['tables', 'ragged'] as const).flatMap((layout) => [
    { name: `trusted-${layout}`, layout, from: trusted },
    { name: `ensemble-${layout}`, layout, from: ensemble },
  ]),
]

beforeAll(async () => {
  if (!parser) return
  await cli('export', weights, '-o', file)
  const { bytes } = await exportCrystalModel({ ...joinMembers(MEMBERS), golden: builtIn().slice(1, 3) })
  writeFileSync(ensemble, bytes)
  for (const { name, layout, from } of MODELS) {
    const options = ['--to', 'triton', '--layout', layout, '--name', name]
    const { code, stderr } = await cli('export', from, '-o', repository, ...options)
    expect([code, stderr]).toEqual([0, ''])
  }
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
  const servers: ReturnType<typeof spawn>[] = []
  const addresses: string[] = []
  let site: string
  let libraries: string
  let backends: string
  let served: string

  async function start(n: number): Promise<void> {
    addresses[n] ??= `127.0.0.1:${await freePort()}`
    servers[n] = spawn(
      join(site, 'pytriton/tritonserver/bin/tritonserver'),
      [
        ...[
          `--model-repository=${served}`,
          `--backend-directory=${backends}`,
          '--allow-metrics=false',
          '--allow-http=false',
        ],
        ...['--grpc-address=127.0.0.1', `--grpc-port=${addresses[n].split(':')[1]}`],
        '--pinned-memory-pool-byte-size=0',
      ],
      {
        env: { ...process.env, LD_LIBRARY_PATH: `${join(site, 'nvidia_pytriton.libs')}:${libraries}` },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    await started(servers[n], /Started GRPCInferenceService/)
  }

  beforeAll(async () => {
    const python = (program: string) => execFileSync(server!, ['-c', program], { encoding: 'utf8' }).trim()
    site = python('import pytriton, os; print(os.path.dirname(os.path.dirname(pytriton.__file__)))')
    libraries = python('import sysconfig; print(sysconfig.get_config_var("LIBDIR"))')
    backends = pythonBackend(join(site, 'pytriton/tritonserver'))
    served = forPython(site)
    await start(0)
  }, START_MS)
  afterAll(() => {
    for (const one of servers) one.kill('SIGKILL')
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
      const text = execFileSync(server!, ['-c', ASK, addresses[0]], {
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
      await start(1)
      const front = await inFront(LAYOUTS.map((name) => ({ name, source: file })))
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
            if (++answered === 1) servers[0].kill('SIGKILL')
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

  it(
    'runs those of files with domains, intervals and members, of which ours says what it says of them here',
    async () => {
      const kinds = [
        { kind: 'trusted', source: trusted },
        { kind: 'ensemble', source: ensemble },
      ]
      const models = kinds.flatMap(({ kind, source }) =>
        ['tables', 'ragged'].map((layout) => ({ name: `${kind}-${layout}`, source })),
      )
      const front = await inFront(models)
      const crystals = [...goldenStructures().values()].filter(isOrdered)
      try {
        for (const { name, source } of models) {
          const here = await load(source, { device: 'cpu', threads: 1 })
          const rows = await predicted(front.url, name, crystals)
          let n = 0
          for await (const near of here.predictMany(crystals)) {
            const far = rows[n++]
            expect(far.error?.code, far.error?.message).toBe(near.error?.code)
            if (near.error) continue
            const { value, interval, domain, spread } = near
            expect(relativeError(far.value[0], value, 1)).toBeLessThan(DERIVED * F32)
            expect(Boolean(far.interval)).toBe(name.startsWith('trusted'))
            if (interval)
              expect(relativeError(far.interval.high[0], interval.high[0], 1)).toBeLessThan(DERIVED * F32)
            expect(far.domain?.inside).toBe(domain?.inside)
            expect(far.domain?.reasons).toEqual(domain?.reasons)
            expect(Boolean(far.spread)).toBe(name.startsWith('ensemble'))
            if (spread) expect(relativeError(far.spread[0], spread[0], 1)).toBeLessThan(DERIVED * F32)
          }
          expect(n).toBe(crystals.length)
          expect(rows.filter(({ error }) => !error).length).toBeGreaterThan(1)
          await here.dispose()
        }
      } finally {
        await front.stop(0)
      }
    },
    3 * START_MS,
  )

  /** A server of ours whose graphs these run. */
  function inFront(models: readonly NamedSource[]): Promise<Running> {
    return startServer({
      models,
      ...{ host: '127.0.0.1', port: 0, pollMs: 1000, cors: [] },
      limits: {
        ...{ maxClientBatch: 64, maxCrystalAtoms: 500, maxBodyBytes: 2 ** 20 },
        ...{ maxConcurrentRequests: 64, requestTimeoutMs: START_MS },
      },
      ...{ keys: keysFrom([]), log: logOf({ json: true, write: () => {} }), batching: {}, readers: 1 },
      load: { threads: 2 },
      upstreams: addresses.map((address) => upstreamAddress(`grpc://${address}`)),
    })
  }

  /** What `POST /predict` says of each. */
  async function predicted(url: string, model: string, crystals: readonly Structure[]) {
    const body = crystals.map((crystal) => JSON.stringify(crystal)).join('\n')
    const asked = new URLSearchParams({ model, file: 'crystals.jsonl' })
    const response = await fetch(`${url}/predict?${asked}`, { method: 'POST', body })
    // biome-ignore lint/suspicious/noExplicitAny: as "predict --json" has it
    return (await response.json()) as any[]
  }

  /** The Python backend with the stub that pytriton has for this Python. */
  function pythonBackend(from: string): string {
    const backends = join(folder, 'backends')
    cpSync(join(from, 'backends/python'), join(backends, 'python'), { recursive: true })
    const version = execFileSync(server!, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
      encoding: 'utf8',
    }).trim()
    const stubs = join(from, 'python_backend_stubs')
    const stub = readdirSync(stubs).find((name) => name === version || name === version.replace('.', ''))
    cpSync(
      join(stubs, stub!, 'triton_python_backend_stub'),
      join(backends, 'python/triton_python_backend_stub'),
    )
    return backends
  }

  /** The models for the Python backend, cells as docs say it. The stub looks for packages nowhere but in its own Python. */
  function forPython(site: string): string {
    const served = join(folder, 'served')
    for (const { name, layout } of MODELS) {
      const version = join(served, name, '1')
      mkdirSync(version, { recursive: true })
      cpSync(join(repository, name, '1/model.onnx'), join(version, 'model.onnx'))
      const program =
        layout === 'cells'
          ? readFileSync(fileURLToPath(new URL('../../examples/triton/model.py', import.meta.url)), 'utf8')
          : FLAT
      writeFileSync(
        join(version, 'model.py'),
        `import sys\nsys.path.insert(0, ${JSON.stringify(site)})\n${program}`,
      )
      const config = readFileSync(join(repository, name, 'config.pbtxt'), 'utf8')
        .replace('backend: "onnxruntime"', 'backend: "python"')
        .replace(/batch_input \{[^}]*\}\n/, '')
      writeFileSync(join(served, name, 'config.pbtxt'), config)
    }
    return served
  }
})

/** What the onnxruntime backend does with the layouts tables and ragged, as its documentation has it. */
const FLAT = `
import os
import numpy as np, onnxruntime as ort, triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def initialize(self, args):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(os.path.join(args["model_repository"], args["model_version"], "model.onnx"), options, providers=["CPUExecutionProvider"])
        self.inputs = [value.name for value in self.session.get_inputs()]
        self.outputs = [value.name for value in self.session.get_outputs()]

    def execute(self, requests):
        def given(request, name): return pb_utils.get_input_tensor_by_name(request, name).as_numpy()
        if "atoms_end" not in self.inputs:
            return [self.response(self.session.run(self.outputs, {name: given(request, name) for name in self.inputs})) for request in requests]
        feeds = {name: np.concatenate([given(request, name).ravel() for request in requests]) for name in self.inputs if name != "atoms_end"}
        feeds["atoms_end"] = np.cumsum([given(request, "share").size for request in requests], dtype=np.int32)
        rows = self.session.run(self.outputs, feeds)
        return [self.response([tensor[n : n + 1] for tensor in rows]) for n in range(len(requests))]

    def response(self, tensors):
        return pb_utils.InferenceResponse([pb_utils.Tensor(name, tensor) for name, tensor in zip(self.outputs, tensors)])
`

/** Resolves when the process says so on stderr. */
function started(running: ReturnType<typeof spawn>, sign: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    running.stderr!.on('data', (chunk: Buffer) => {
      said += chunk
      if (sign.test(said)) resolve()
    })
    running.once('exit', (code) =>
      reject(new Error(`tritonserver ended with ${code}:\n${said.slice(-4000)}`)),
    )
  })
}
