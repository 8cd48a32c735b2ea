// Real Triton servers for tests: a repository of models as `export --to triton` writes it, servers whose Python backend runs its
// graphs, and a server of ours in front of them. Triton's onnxruntime backend is not on the Python registry.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Layout } from '../../exporters/triton/names.ts'
import { keysFrom } from '../../src/server/auth.ts'
import { logOf } from '../../src/server/log.ts'
import type { NamedSource } from '../../src/server/names.ts'
import { type Running, startServer } from '../../src/server/server.ts'
import { upstreamAddress } from '../../src/server/upstream/address.ts'
import { cli } from '../cli/run.ts'
import { freePort } from '../free-port.ts'
import { pythonWith } from '../python.ts'

/** Float32 coordinates and sums in another order. */
export const F32 = 2e-6
export const START_MS = 60_000

/** Pythons with the messages of tritonclient, and with a server. */
export const parser = pythonWith('import tritonclient.grpc, google.protobuf.text_format', 'triton')
export const server = parser && pythonWith('import pytriton, onnxruntime, tritonclient.grpc', 'triton')

/** What is put into a repository. */
export interface TritonModel {
  readonly name: string
  readonly layout: Layout
  /** the file or the weights that it is made of */
  readonly from: string
}

/** Writes a repository by the command line. */
export async function exportInto(repository: string, models: readonly TritonModel[]): Promise<void> {
  for (const { name, layout, from } of models) {
    const options = ['--to', 'triton', '--layout', layout, '--name', name]
    const { code, stderr } = await cli('export', from, '-o', repository, ...options)
    if (code !== 0 || stderr !== '') throw new Error(`export ended with ${code}:\n${stderr}`)
  }
}

/** A Triton that runs. */
export interface Triton {
  /** of its gRPC */
  readonly address: string
  kill(): void
}

/**
 * What starts servers of the models of a repository.
 * @param folder for what is made for the Python backend
 */
export function tritonsOf(
  folder: string,
  repository: string,
  models: readonly TritonModel[],
): () => Promise<Triton> {
  const python = (program: string) => execFileSync(server!, ['-c', program], { encoding: 'utf8' }).trim()
  const site = python('import pytriton, os; print(os.path.dirname(os.path.dirname(pytriton.__file__)))')
  const libraries = python('import sysconfig; print(sysconfig.get_config_var("LIBDIR"))')
  const version = python('import sys; print("%d.%d" % sys.version_info[:2])')
  const backends = pythonBackend(folder, join(site, 'pytriton/tritonserver'), version)
  const served = forPython(folder, repository, site, models)
  return async () => {
    const address = `127.0.0.1:${await freePort()}`
    const running = spawn(
      join(site, 'pytriton/tritonserver/bin/tritonserver'),
      [
        ...[
          `--model-repository=${served}`,
          `--backend-directory=${backends}`,
          '--allow-metrics=false',
          '--allow-http=false',
        ],
        ...['--grpc-address=127.0.0.1', `--grpc-port=${address.split(':')[1]}`],
        '--pinned-memory-pool-byte-size=0',
      ],
      {
        env: { ...process.env, LD_LIBRARY_PATH: `${join(site, 'nvidia_pytriton.libs')}:${libraries}` },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
    await started(running, /Started GRPCInferenceService/)
    return { address, kill: () => running.kill('SIGKILL') }
  }
}

/** A server of ours whose graphs these run. @param addresses of their gRPC */
export function inFront(models: readonly NamedSource[], addresses: readonly string[]): Promise<Running> {
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

/** The Python backend with the stub that pytriton has for this Python. */
function pythonBackend(folder: string, from: string, version: string): string {
  const backends = join(folder, 'backends')
  cpSync(join(from, 'backends/python'), join(backends, 'python'), { recursive: true })
  const stubs = join(from, 'python_backend_stubs')
  const stub = readdirSync(stubs).find((name) => name === version || name === version.replace('.', ''))
  cpSync(
    join(stubs, stub!, 'triton_python_backend_stub'),
    join(backends, 'python/triton_python_backend_stub'),
  )
  return backends
}

/** The models for the Python backend, cells as docs say it. The stub looks for packages nowhere but in its own Python. */
function forPython(folder: string, repository: string, site: string, models: readonly TritonModel[]): string {
  const served = join(folder, 'served')
  for (const { name, layout } of models) {
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
function started(running: ChildProcess, sign: RegExp): Promise<void> {
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
