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
]

/** What was thrown, or, where that is a package which is not installed, an error that says what to install. */
export function withMissingPackage(error: unknown): unknown {
  const { code, message = '' } = (error ?? {}) as { code?: unknown; message?: string }
  if (code !== 'ERR_MODULE_NOT_FOUND') return error
  const missing = /Cannot find package '([^']+)'/.exec(message)?.[1]
  const found = PURPOSES.find(({ packages }) => missing !== undefined && Object.hasOwn(packages, missing))
  if (!found) return error
  const { purpose, packages } = found
  return new PlatformError(
    `${purpose}, and ${missing} is not installed: npm install ${Object.entries(packages)
      .map(([name, version]) => `${name}@${version}`)
      .join(' ')}`,
    { cause: error },
  )
}

/** What `load` gives. @throws PlatformError for a package that is not installed; what else `load` throws */
export async function needingPackages<T>(load: () => Promise<T>): Promise<T> {
  return load().catch((error) => {
    throw withMissingPackage(error)
  })
}
