// Packages that are installed for a purpose, since most programs need few of them: what to install where one is missing.

import { PlatformError } from './errors.ts'

/** What packages are for, with the versions that go with this one; package.json has them as optional peers. */
export const PURPOSES: readonly {
  readonly purpose: string
  readonly packages: Readonly<Record<string, string>>
}[] = [
  { purpose: 'plots are drawn by vega', packages: { vega: '5', 'vega-lite': '5' } },
  {
    purpose: 'training and exporting need TensorFlow.js',
    packages: {
      '@tensorflow/tfjs': '4.22.0',
      '@tensorflow/tfjs-backend-cpu': '4.22.0',
      '@tensorflow/tfjs-backend-wasm': '4.22.0',
      '@tensorflow/tfjs-core': '4.22.0',
      'onnxruntime-node': '1.30.0',
      protobufjs: '8',
      vega: '5',
      'vega-lite': '5',
    },
  },
  {
    purpose: 'a server needs packages of its own',
    packages: {
      '@fastify/compress': '9',
      '@fastify/cors': '11',
      '@fastify/multipart': '10',
      '@fastify/swagger': '9',
      '@grpc/grpc-js': '1',
      '@grpc/proto-loader': '0.8',
      fastify: '5',
      pino: '10',
      'prom-client': '15',
    },
  },
  { purpose: 'SQL needs DuckDB', packages: { '@duckdb/node-api': '1.5.6-r.1' } },
]

/** A package of them as npm installs it: with the version that goes with this one. */
export function withVersion(name: string): string {
  const version = PURPOSES.map(({ packages }) => packages[name]).find((own) => own !== undefined)
  return `${name}@${version}`
}

/** What TensorFlow.js loads and does not declare, which Yarn Plug'n'Play lets it have where the project itself has it. */
const UNDECLARED = {
  purpose: "TensorFlow.js does not declare all that it loads, which Yarn Plug'n'Play asks for",
  packages: { long: '4', seedrandom: '3' },
}

/** What was thrown, or, where that is a package which is not installed, an error that says what to install. */
export function withMissingPackage(error: unknown): unknown {
  const missing = missingIn(error)
  const has = ({ packages }: { packages: object }) =>
    missing !== undefined && Object.hasOwn(packages, missing)
  const found = [...PURPOSES, UNDECLARED].find(has)
  if (!found) return error
  const { purpose, packages } = found
  const install = globalThis.process?.versions.pnp ? 'yarn add' : 'npm install'
  return new PlatformError(
    `${purpose}, and ${missing} is not installed: ${install} ${Object.entries(packages)
      .map(([name, version]) => `${name}@${version}`)
      .join(' ')}`,
    { cause: error },
  )
}

/** The name of the package that Node, or Yarn Plug'n'Play, has not found. */
function missingIn(error: unknown): string | undefined {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string }
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined
  return (
    /Cannot find (?:package|module) '((?:@[^/']+\/)?[^/']+)/.exec(message)?.[1] ??
    /tried to access (\S+?),? (?:\(|but)/.exec(message)?.[1]
  )
}

/** What `load` gives. @throws PlatformError for a package that is not installed; what else `load` throws */
export async function needingPackages<T>(load: () => Promise<T>): Promise<T> {
  return load().catch((error) => {
    throw withMissingPackage(error)
  })
}
