// A web server on this machine that answers the way it is told to, well or badly.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface TestServer {
  readonly url: string
  /** The requests so far: path, and the headers that matter. */
  readonly requests: { path: string; range?: string; ifRange?: string }[]
  /** The answers to give, in turn; the last one stays. */
  answer(...answers: Answer[]): void
  close(): Promise<void>
}

export async function testServer(): Promise<TestServer> {
  let answers: Answer[] = []
  const requests: TestServer['requests'] = []
  const server = createServer((request, response) => {
    const { range, 'if-range': ifRange } = request.headers
    requests.push({ path: request.url as string, range, ifRange: ifRange as string | undefined })
    const answer = answers.length > 1 ? (answers.shift() as Answer) : answers[0]
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answer(...given) {
      answers = given
      requests.length = 0
    },
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

export const tagOf = (content: Buffer) => `"${createHash('md5').update(content).digest('hex')}"`

/** A proper file server: ETag, ranges, If-Range. */
export function serve(content: Buffer, { tag = tagOf(content) as string | undefined } = {}): Answer {
  return (request, response) => {
    const from = rangeStart(request, tag)
    const headers = { ...(tag && { etag: tag }), 'accept-ranges': 'bytes' }
    if (from === undefined) {
      response.writeHead(200, { ...headers, 'content-length': content.length }).end(content)
    } else if (from >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
    } else {
      const rest = content.subarray(from)
      const range = `bytes ${from}-${content.length - 1}/${content.length}`
      response.writeHead(206, { ...headers, 'content-length': rest.length, 'content-range': range }).end(rest)
    }
  }
}

/** Announces the whole answer, and hangs up after some bytes of it. */
export function truncate(content: Buffer, bytes: number): Answer {
  const tag = tagOf(content)
  return (request, response) => {
    const from = rangeStart(request, tag) ?? 0
    const rest = content.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': rest.length,
      etag: tag,
      ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    })
    response.write(rest.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20))
  }
}

/** Sends the whole file whatever was asked for. */
export function ignoreRange(content: Buffer): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': content.length, etag: tagOf(content) }).end(content)
  }
}

export function refuse(status: number, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, headers).end('no')
  }
}

/** Sends some bytes, then nothing, and never ends. */
export function hang(content: Buffer, bytes: number): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-length': content.length, etag: tagOf(content) })
    response.write(content.subarray(0, bytes))
  }
}

export function redirect(to: string): Answer {
  return (_, response) => {
    response.writeHead(302, { location: to }).end()
  }
}

function rangeStart(request: IncomingMessage, tag: string | undefined): number | undefined {
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
  const condition = request.headers['if-range']
  if (start === undefined || (condition !== undefined && condition !== tag)) return undefined
  return Number(start)
}
