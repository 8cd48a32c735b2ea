// A model of a server, asked by fetch: which one, connect.ts and browser.ts say.

import { codedError } from '../coded-error.ts'
import { type Structure, validated } from '../crystal/structure.ts'
import type { Interval, Verdict } from '../domain/judge.ts'
import { ConfigError, ConnectionError, CrystalOnnxError, UnknownModelError } from '../errors.ts'
import { JSON_LENGTH, type Tensor, valuesOf } from '../server/tensors.ts'
import type { RemoteMetadata } from './metadata.ts'
import { answeredTensors, crystalTensors, type Question, requestBody } from './wire.ts'

/** How a server is asked. */
export interface ConnectOptions {
  /** Name of the model; the only one that is ready, by default. */
  readonly model?: string
  /** Key of the caller, where the server wants one. */
  readonly apiKey?: string
  /** Ends every call with its reason. */
  readonly signal?: AbortSignal
}

/** What is asked of a prediction. */
export interface AskOptions {
  /** Probability with which the interval holds the true value; 0.9 by default. */
  readonly level?: number
  /** Give the embedding, too. */
  readonly embedding?: boolean
  /** Ends the call with its reason. */
  readonly signal?: AbortSignal
}

/** What a served model says about one crystal: as `Prediction` of a model that runs here. */
export interface RemotePrediction {
  /** The first target, in `unit`. */
  readonly value: number
  /** Of `value`. */
  readonly unit: string
  /** Name of the first target. */
  readonly property: string
  /** Every target. */
  readonly values: readonly number[]
  /** Whether the crystal is of the kind that the model knows; null where it does not say. */
  readonly domain: Verdict | null
  /** Where the true values lie; null where the model does not say. */
  readonly interval: Interval | null
  /** Features of the crystal, where they were asked for. */
  readonly embedding?: Float32Array
}

/** A crystal of many: its place, and a prediction or an error. */
export type RemoteOutcome =
  | (RemotePrediction & { readonly index: number; readonly error?: undefined })
  | { readonly index: number; readonly error: CrystalOnnxError }

/** A model of a server. */
export interface RemoteModel {
  /** @throws as the model, and ConnectionError, AccessError, OverloadError, DeadlineError, UnknownModelError */
  predict(structure: Structure, options?: AskOptions): Promise<RemotePrediction>
  /** The same of many crystals in input order, some hundred a request, with the error of each that failed. */
  predictMany(
    structures: Iterable<Structure> | AsyncIterable<Structure>,
    options?: AskOptions,
  ): AsyncGenerator<RemoteOutcome, void, undefined>
  /** Features of a crystal. @throws as predict */
  embed(structure: Structure, options?: Pick<AskOptions, 'signal'>): Promise<Float32Array>
  /** What the model predicts, from what. @throws as predict */
  metadata(): Promise<RemoteMetadata>
  /** Whether server and model answer; false, too, where nobody is there. */
  ready(): Promise<boolean>
}

/** Crystals of a request. */
const TOGETHER = 256

/** What fetches from an address, and what may stand in the way to it, as the end of a message. */
export interface Way {
  readonly fetch: typeof fetch
  readonly hint: string
}

/** @param way to the server, looked for whenever something is asked. @throws ConfigError */
export function remoteModel(
  url: string | URL,
  { model, apiKey, signal }: ConnectOptions,
  way: (base: string) => Way | Promise<Way>,
): RemoteModel {
  const base = addressOf(url)
  let described: Promise<RemoteMetadata> | undefined

  async function fetched(path: string, init: RequestInit, own?: AbortSignal): Promise<Response> {
    const ends = [signal, own].filter((one) => one !== undefined)
    const headers = { ...init.headers, ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) }
    const { fetch, hint } = await way(base)
    let response: Response
    try {
      response = await fetch(base + path, {
        ...init,
        headers,
        signal: ends.length > 0 ? AbortSignal.any(ends) : null,
      })
    } catch (cause) {
      for (const end of ends) end.throwIfAborted()
      throw new ConnectionError(`${base}: the server cannot be reached (${reasonOf(cause)})${hint}`, {
        cause,
      })
    }
    if (response.ok) return response
    throw await failureOf(response, base)
  }

  async function nameOf(): Promise<string> {
    if (model !== undefined) return model
    const response = await fetched('/v2/repository/index', { method: 'POST' })
    const index = (await response.json()) as readonly { name: string; state: string }[]
    const ready = index.filter(({ state }) => state === 'READY').map(({ name }) => name)
    if (ready.length === 1) return ready[0]
    const found = ready.length === 0 ? 'no model that is ready' : `models ${ready.join(', ')}`
    throw new UnknownModelError(`${base} has ${found}; name one, as in connect(url, { model: 'NAME' })`)
  }

  /** Once asked, it is known; a failure is not. */
  function metadata(): Promise<RemoteMetadata> {
    described ??= nameOf()
      .then((name) => fetched(`/v2/models/${encodeURIComponent(name)}`, {}))
      .then((response) => response.json() as Promise<RemoteMetadata>)
      .catch((error) => {
        described = undefined
        throw error
      })
    return described
  }

  async function ask(crystals: readonly Structure[], question: Question, own?: AbortSignal) {
    const { name } = await metadata()
    const { body, jsonLength } = requestBody(crystalTensors(crystals), question)
    const headers = { [JSON_LENGTH]: String(jsonLength), 'content-type': 'application/octet-stream' }
    const path = `/v2/models/${encodeURIComponent(name)}/infer`
    const response = await fetched(path, { method: 'POST', body, headers }, own)
    const bytes = new Uint8Array(await response.arrayBuffer())
    return answeredTensors(bytes, Number(response.headers.get(JSON_LENGTH) ?? bytes.length))
  }

  /** Crystals that were validated. */
  async function predictions(crystals: readonly Structure[], options: AskOptions, partial: boolean) {
    const { outputs, parameters } = await metadata()
    const { level = 0.9, embedding = false } = options
    const has = (name: string) => outputs.some((output) => output.name === name)
    const asked = [
      'prediction',
      ...['uncertainty', 'domain'].filter(has),
      ...(embedding ? ['embedding'] : []),
    ]
    const tensors = await ask(crystals, { outputs: asked, parameters: { level, partial } }, options.signal)
    const values = rowsOf(tensors.get('prediction'), crystals.length)
    const intervals = rowsOf(tensors.get('uncertainty'), crystals.length)
    const features = rowsOf(tensors.get('embedding'), crystals.length)
    const texts = (name: string) => {
      const tensor = tensors.get(name)
      return tensor ? (valuesOf(tensor) as readonly string[]) : undefined
    }
    const domains = texts('domain')
    const errors = texts('errors')
    const [{ name: property, unit }] = parameters.targets
    return crystals.map((_, c): RemotePrediction | CrystalOnnxError => {
      if (errors?.[c]) {
        const { code, message } = JSON.parse(errors[c])
        return codedError(code, message) ?? new ConnectionError(`${base}: ${message}`)
      }
      const ends = intervals?.[c]
      return {
        ...{ value: values![c][0], unit, property, values: [...values![c]] },
        domain: domains ? (JSON.parse(domains[c]) as Verdict) : null,
        interval: ends?.some(Number.isFinite)
          ? {
              level,
              low: values![c].map((_, t) => ends[2 * t]),
              high: values![c].map((_, t) => ends[2 * t + 1]),
            }
          : null,
        ...(features && { embedding: Float32Array.from(features[c]) }),
      }
    })
  }

  return {
    metadata,
    async predict(structure, options = {}) {
      const [prediction] = await predictions([validated(structure)], options, false)
      return prediction as RemotePrediction
    },
    async *predictMany(structures, options = {}) {
      let index = 0
      for await (const some of gathered(structures)) {
        const good = some.filter((one): one is Structure => !(one instanceof CrystalOnnxError))
        const results = good.length > 0 ? await predictions(good, options, true) : []
        for (const one of some) {
          const result = one instanceof CrystalOnnxError ? one : results.shift()!
          yield result instanceof CrystalOnnxError ? { index, error: result } : { index, ...result }
          index++
        }
      }
    },
    async embed(structure, options = {}) {
      const { embedding } = await this.predict(structure, { ...options, embedding: true })
      return embedding!
    },
    async ready() {
      try {
        const { name } = await metadata()
        await fetched(`/v2/models/${encodeURIComponent(name)}/ready`, {})
        return true
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof ConnectionError || error instanceof UnknownModelError) return false
        throw error
      }
    },
  }
}

/** Some hundred at a time, validated, or why one is no crystal. */
async function* gathered(
  structures: Iterable<Structure> | AsyncIterable<Structure>,
): AsyncGenerator<(Structure | CrystalOnnxError)[]> {
  let some: (Structure | CrystalOnnxError)[] = []
  for await (const structure of structures) {
    some.push(checked(structure))
    if (some.length < TOGETHER) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

function checked(structure: Structure): Structure | CrystalOnnxError {
  try {
    return validated(structure)
  } catch (error) {
    if (error instanceof CrystalOnnxError) return error
    throw error
  }
}

function rowsOf(tensor: Tensor | undefined, rows: number): number[][] | undefined {
  if (!tensor || tensor.datatype === 'BYTES') return undefined
  const all = Array.from(tensor.data)
  const width = all.length / rows
  return Array.from({ length: rows }, (_, r) => all.slice(r * width, (r + 1) * width))
}

function addressOf(url: string | URL): string {
  try {
    const { protocol, origin, pathname } = new URL(url)
    if (/^https?:$/.test(protocol)) return `${origin}${pathname.replace(/\/$/, '')}`
  } catch {}
  throw new ConfigError(
    `server ${JSON.stringify(String(url))}: expected an address, such as http://127.0.0.1:8000`,
  )
}

/** What fetch keeps in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error
  return cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message
}

async function failureOf(response: Response, base: string): Promise<CrystalOnnxError> {
  const text = await response.text().catch(() => '')
  try {
    const { error, code } = JSON.parse(text)
    const known = codedError(String(code), String(error))
    if (known) return known
    return new ConnectionError(`${base}: ${error}`)
  } catch {
    return new ConnectionError(`${base}: status ${response.status} ${response.statusText}`)
  }
}
