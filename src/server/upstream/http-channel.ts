// A server asked over HTTP, with binary tensors both ways.

import { answeredTensors, requestBody } from '../../client/wire.ts'
import { fetchHere, proxyHint, reasonOf } from '../../proxy.ts'
import { JSON_LENGTH } from '../tensors.ts'
import type { Address } from './address.ts'
import { type Channel, UpstreamError, understood } from './channel.ts'

export function httpChannel({ text: base }: Address): Channel {
  let calls = new AbortController()

  async function ask(
    path: string,
    init: RequestInit,
    timeoutMs: number,
  ): Promise<{ bytes: Uint8Array; headers: Headers }> {
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), calls.signal])
    try {
      const fetch = await fetchHere()
      const response = await fetch(base + path, { ...init, signal })
      const bytes = new Uint8Array(await response.arrayBuffer())
      if (response.ok) return { bytes, headers: response.headers }
      throw errorOf(response.status, bytes)
    } catch (cause) {
      if (cause instanceof UpstreamError) throw cause
      const why = `${reasonOf(cause as Error)}${proxyHint(new URL(base))}`
      throw new UpstreamError('gone', why, { cause })
    }
  }
  const at = (model: string) => `/v2/models/${encodeURIComponent(model)}`

  return {
    async ready(model, timeoutMs) {
      await ask(`${at(model)}/ready`, {}, timeoutMs)
    },
    async describe(model, timeoutMs) {
      const { bytes } = await ask(at(model), {}, timeoutMs)
      return understood(() => {
        const { platform, inputs, outputs } = JSON.parse(new TextDecoder().decode(bytes))
        const names = (tensors: readonly { readonly name: string }[]) => tensors.map(({ name }) => name)
        return { platform: String(platform), inputs: names(inputs), outputs: names(outputs) }
      })
    },
    async infer(model, question, timeoutMs) {
      const { body, jsonLength } = requestBody(question.inputs, question)
      const headers = { [JSON_LENGTH]: String(jsonLength), 'content-type': 'application/octet-stream' }
      const answer = await ask(`${at(model)}/infer`, { method: 'POST', body, headers }, timeoutMs)
      const length = Number(answer.headers.get(JSON_LENGTH) ?? answer.bytes.length)
      return understood(() => answeredTensors(answer.bytes, length))
    },
    abort() {
      calls.abort()
      calls = new AbortController()
    },
    close: () => calls.abort(),
  }
}

const BUSY: ReadonlySet<number> = new Set([429])
/** No such model, no rights, or a proxy with nobody behind it. */
const GONE: ReadonlySet<number> = new Set([401, 403, 404, 502, 503, 504])

function errorOf(status: number, bytes: Uint8Array): UpstreamError {
  const text = new TextDecoder().decode(bytes.subarray(0, 2000))
  let said = text
  try {
    said = String(JSON.parse(text).error)
  } catch {}
  const kind = BUSY.has(status) ? 'busy' : GONE.has(status) ? 'gone' : 'failed'
  return new UpstreamError(kind, said === '' ? `status ${status}` : said)
}
