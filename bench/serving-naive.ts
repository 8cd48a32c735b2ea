// The yardstick of bench/serving.ts: a server that does what one writes first, a prediction for each request as it comes.
// It is started as `serve` is.

import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { load } from '../runtimes/node/load.ts'
import type { Structure } from '../src/crystal/structure.ts'
import { crystalsOf } from '../src/server/inputs.ts'
import { readRequest } from '../src/server/protocol.ts'

const model = await load(process.argv[3].replace(/^[^=]*=/, ''), { device: 'cpu' })
const LIMITS = { maxClientBatch: 1, maxCrystalAtoms: 1e6 }

const numbersAlone = () => Promise.reject(new Error('numbers are expected'))

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(404).end()
  const { inputs } = readRequest(
    await bodyOf(request),
    Number(request.headers['inference-header-content-length']),
  )
  const [crystal] = await crystalsOf(inputs, LIMITS, numbersAlone)
  const { value } = await model.predict(crystal as Structure)
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  response.end(bytes)
})

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts)
}

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
