// Crystals as a request of the Open Inference Protocol, and its answer, with binary tensors both ways.

import { symbolOf } from '../crystal/elements.ts'
import { isOrdered, type Structure } from '../crystal/structure.ts'
import { ConnectionError } from '../errors.ts'
import { joined } from '../math/joined.ts'
import { bytesOfTensor, type Tensor, tensorHead, tensorOfBytes, tensorOfValues } from '../server/tensors.ts'

/** What is asked of some tensors. */
export interface Question {
  readonly outputs: readonly string[]
  readonly parameters: Readonly<Record<string, string | number | boolean>>
}

/** Crystals as the tensors that a server takes. */
export function crystalTensors(crystals: readonly Structure[]): Tensor[] {
  return crystals.every(isOrdered) ? asNumbers(crystals) : [asTexts(crystals)]
}

/** The body of a request, and how much of it is JSON. */
export function requestBody(
  tensors: readonly Tensor[],
  { outputs, parameters }: Question,
): { readonly body: Uint8Array<ArrayBuffer>; readonly jsonLength: number } {
  const parts = tensors.map(bytesOfTensor)
  const json = {
    parameters: { ...parameters, binary_data_output: true },
    inputs: tensors.map(({ name, datatype, shape }, n) => ({
      ...{ name, datatype, shape },
      parameters: { binary_data_size: parts[n].length },
    })),
    outputs: outputs.map((name) => ({ name })),
  }
  const head = new TextEncoder().encode(JSON.stringify(json))
  return { body: joined([head, ...parts]), jsonLength: head.length }
}

function asNumbers(crystals: readonly Structure[]): Tensor[] {
  const numbers = Int32Array.from(crystals.flatMap(({ species }) => species.map(([{ element }]) => element)))
  return [
    {
      ...{ name: 'atoms', datatype: 'INT32', shape: [crystals.length] },
      data: Int32Array.from(crystals, ({ species }) => species.length),
    },
    { name: 'numbers', datatype: 'INT32', shape: [numbers.length], data: numbers },
    {
      ...{ name: 'frac', datatype: 'FP64', shape: [numbers.length, 3] },
      data: Float64Array.from(crystals.flatMap(({ frac }) => frac.flat())),
    },
    {
      ...{ name: 'lattice', datatype: 'FP64', shape: [crystals.length, 3, 3] },
      data: Float64Array.from(crystals.flatMap(({ lattice }) => lattice.flat())),
    },
  ]
}

/** Several elements on a site have no tensor of their own. */
function asTexts(crystals: readonly Structure[]): Tensor {
  const encoder = new TextEncoder()
  const data = crystals.map(({ lattice, frac, species }) => {
    const sites = species.map((site) =>
      Object.fromEntries(site.map(({ element, occupancy }) => [symbolOf(element), occupancy])),
    )
    return encoder.encode(JSON.stringify({ lattice, frac, species: sites }))
  })
  return { name: 'structure', datatype: 'BYTES', shape: [crystals.length], data }
}

/** The tensors of an answer, by name. @throws ConnectionError for one that is not of the protocol */
export function answeredTensors(body: Uint8Array, jsonLength: number): ReadonlyMap<string, Tensor> {
  try {
    const { outputs } = JSON.parse(new TextDecoder().decode(body.subarray(0, jsonLength)))
    let at = jsonLength
    const tensors = outputs.map((output: Record<string, never>) => {
      const { name, datatype, shape, parameters, data } = output
      const head = tensorHead(name, datatype, shape)
      if (data !== undefined) return tensorOfValues(head, data)
      const { binary_data_size: size } = parameters as { binary_data_size: number }
      at += size
      return tensorOfBytes(head, body.subarray(at - size, at))
    })
    return new Map(tensors.map((tensor: Tensor) => [tensor.name, tensor]))
  } catch (cause) {
    throw new ConnectionError(`the server's answer is not of the protocol: ${(cause as Error).message}`, {
      cause,
    })
  }
}
