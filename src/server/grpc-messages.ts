// Messages of gRPC as the protocol's data (protocol.ts), and back. Raw contents are the bytes of the binary extension.

import { RequestError } from '../errors.ts'
import { type InferRequest, type InferResponse, type InputTensor, idOf, type Parameters } from './protocol.ts'
import { bytesOfTensor, type Datatype, shown, tensorHead, tensorOfBytes, tensorOfValues } from './tensors.ts'

/** With the defaults of protobuf where nothing was sent. */
export interface InferMessage {
  readonly model_name: string
  readonly model_version: string
  readonly id: string
  readonly parameters: ParameterMessages
  readonly inputs: readonly TensorMessage[]
  readonly outputs: readonly { readonly name: string }[]
  readonly raw_input_contents: readonly Uint8Array[]
}

/** A tensor, with its contents where they are not raw. */
export interface TensorMessage {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly string[]
  readonly parameters: ParameterMessages
  readonly contents: Readonly<Record<string, readonly unknown[]>> | null
}

/** `parameter_choice` names the field that is there. */
type ParameterMessages = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Where typed contents of a type are. */
const CONTENTS: Readonly<Record<Datatype, string>> = {
  ...{ BOOL: 'bool_contents', INT8: 'int_contents', INT16: 'int_contents', INT32: 'int_contents' },
  ...{ INT64: 'int64_contents', UINT8: 'uint_contents', UINT16: 'uint_contents', UINT32: 'uint_contents' },
  ...{ UINT64: 'uint64_contents', FP32: 'fp32_contents', FP64: 'fp64_contents', BYTES: 'bytes_contents' },
}

/** @throws RequestError */
export function requestOf(message: InferMessage): InferRequest {
  return {
    ...idOf(message.id),
    parameters: parametersOf(message.parameters),
    inputs: tensorsOf(message.inputs, message.raw_input_contents),
    outputs: message.outputs.map(({ name }) => ({ name, binary: true })),
  }
}

/** @param raw contents of all of them, or nothing. @throws RequestError */
export function tensorsOf(tensors: readonly TensorMessage[], raw: readonly Uint8Array[]): InputTensor[] {
  if (raw.length > 0 && raw.length !== tensors.length) {
    throw new RequestError(
      `${raw.length} raw contents for ${tensors.length} tensors, expected one for each or none`,
    )
  }
  return tensors.map(({ name, datatype, shape, parameters, contents }, n) => {
    const head = tensorHead(name, datatype, shape)
    const values = contents?.[CONTENTS[head.datatype]] ?? []
    if (raw.length > 0 && values.length > 0) {
      throw new RequestError(`tensor ${shown(name)}: raw and typed contents, expected one of them`)
    }
    const tensor = raw.length > 0 ? tensorOfBytes(head, raw[n]) : tensorOfValues(head, [...values])
    return { ...tensor, parameters: parametersOf(parameters) }
  })
}

function parametersOf(messages: ParameterMessages): Parameters {
  const parameters: Record<string, string | number | boolean> = Object.create(null)
  for (const [name, { parameter_choice: choice, ...values }] of Object.entries(messages)) {
    const value = values[String(choice)]
    // 64 bits are a text, as they come.
    const plain = /int64/.test(String(choice)) ? Number(value) : value
    if (typeof plain === 'string' || typeof plain === 'number' || typeof plain === 'boolean')
      parameters[name] = plain
  }
  return parameters
}

export function messageOf({ outputs, id = '', ...head }: InferResponse): object {
  return {
    ...{ ...head, id },
    outputs: outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    raw_output_contents: outputs.map((tensor) => Buffer.from(bytesOfTensor(tensor))),
  }
}
