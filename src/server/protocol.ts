// Requests and answers of inference in the Open Inference Protocol, version 2, over HTTP: JSON, with the binary tensor
// extension behind it. What gRPC carries becomes the same data (grpc.ts).
// https://github.com/kserve/open-inference-protocol

import { RequestError } from '../errors.ts'
import {
  bytesOfTensor,
  type Datatype,
  shown,
  type Tensor,
  tensorHead,
  tensorOfBytes,
  tensorOfValues,
  valuesOf,
} from './tensors.ts'

/** A parameter of a request or a tensor. */
export type Parameters = Readonly<Record<string, string | number | boolean>>

/** A tensor as it came, with its parameters. */
export type InputTensor = Tensor & { readonly parameters: Parameters }

export interface InferRequest {
  readonly id?: string
  readonly parameters: Parameters
  readonly inputs: readonly InputTensor[]
  /** Those that are asked for; all when there are none. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[]
}

export interface InferResponse {
  readonly model_name: string
  readonly model_version: string
  readonly id?: string
  readonly outputs: readonly Tensor[]
}

/** Inputs and outputs that a request may name. */
const MOST_TENSORS = 32
const MOST_PARAMETERS = 32
/** Of an id. */
const MOST_LETTERS = 200

/**
 * A request from its body.
 * @param jsonLength length of the JSON at its beginning, where binary tensors follow it
 * @throws RequestError
 */
export function readRequest(body: Uint8Array, jsonLength: number | undefined): InferRequest {
  if (jsonLength !== undefined && !(jsonLength <= body.length)) {
    throw new RequestError(`a header of ${jsonLength} bytes in a body of ${body.length}`)
  }
  const json = objectOf(parsed(body.subarray(0, jsonLength)), 'the request')
  const parameters = parametersOf(json.parameters)
  let rest = body.subarray(jsonLength ?? body.length)
  const inputs = listOf(json.inputs, 'inputs').map((input) => {
    const given = objectOf(input, 'an input')
    const head = tensorHead(given.name, given.datatype, given.shape)
    const parameters = parametersOf(given.parameters)
    const size = parameters.binary_data_size
    if (size === undefined) return { ...tensorOfValues(head, given.data), parameters }
    if (!Number.isSafeInteger(size) || (size as number) < 0 || (size as number) > rest.length) {
      throw new RequestError(
        `tensor ${shown(head.name)}: binary_data_size ${shown(size)}, and ${rest.length} bytes are left of the body`,
      )
    }
    const bytes = rest.subarray(0, size as number)
    rest = rest.subarray(size as number)
    return { ...tensorOfBytes(head, bytes), parameters }
  })
  if (rest.length > 0) throw new RequestError(`${rest.length} bytes of the body belong to no tensor`)
  const outputs = (json.outputs === undefined ? [] : listOf(json.outputs, 'outputs')).map((output) => {
    const { name, parameters: own } = objectOf(output, 'an output')
    if (typeof name !== 'string') throw new RequestError('an output without a name')
    return { name, binary: Boolean(parametersOf(own).binary_data ?? parameters.binary_data_output) }
  })
  return { ...idOf(json.id), parameters, inputs, outputs }
}

/** The id of a request goes back with its answer. @throws RequestError */
export function idOf(id: unknown): { readonly id?: string } {
  if (id === undefined || id === '') return {}
  if (typeof id !== 'string' || id.length > MOST_LETTERS) {
    throw new RequestError(`id ${shown(id)}: expected a text of at most ${MOST_LETTERS} letters`)
  }
  return { id }
}

/** An answer as JSON, or JSON and bytes: `jsonLength` is there then. */
export function writeResponse(
  { outputs, ...head }: InferResponse,
  request: Pick<InferRequest, 'outputs' | 'parameters'>,
): { readonly body: string | Buffer; readonly jsonLength?: number } {
  const asked = new Map(request.outputs.map(({ name, binary }) => [name, binary]))
  const parts: Uint8Array[] = []
  const described = outputs.map((tensor) => {
    const { name, datatype, shape } = tensor
    if (!(asked.get(name) ?? request.parameters.binary_data_output)) {
      return { name, datatype, shape, data: valuesOf(tensor) }
    }
    const bytes = bytesOfTensor(tensor)
    parts.push(bytes)
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } }
  })
  const json = JSON.stringify({ ...head, outputs: described })
  if (parts.length === 0) return { body: json }
  const first = Buffer.from(json)
  return { body: Buffer.concat([first, ...parts]), jsonLength: first.length }
}

/** What a model takes or gives, in metadata. */
export interface TensorMetadata {
  readonly name: string
  readonly datatype: Datatype
  /** -1 where it is open */
  readonly shape: readonly number[]
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** JSON of a request. @throws RequestError */
export function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (cause) {
    throw new RequestError(`the body is no JSON: ${String((cause as Error).message).slice(0, 100)}`, {
      cause,
    })
  }
}

export function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new RequestError(`${what}: found ${shown(value)}, expected an object`)
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value) && value.length <= MOST_TENSORS) return value
  throw new RequestError(`${what}: expected a list of at most ${MOST_TENSORS} tensors`)
}

/** Those whose values are plain; on an object without a prototype. */
export function parametersOf(value: unknown): Parameters {
  if (value === undefined || value === null) return {}
  const entries = Object.entries(objectOf(value, 'parameters'))
  if (entries.length > MOST_PARAMETERS) throw new RequestError(`more than ${MOST_PARAMETERS} parameters`)
  const plain = entries.filter(([, parameter]) => /^(string|number|boolean)$/.test(typeof parameter))
  return Object.assign(Object.create(null), Object.fromEntries(plain))
}
