// A server asked over gRPC, with raw contents.

import {
  type ClientUnaryCall,
  credentials,
  makeGenericClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import { type TensorMessage, tensorsOf } from '../grpc-messages.ts'
import { grpcService } from '../grpc-service.ts'
import { bytesOfTensor } from '../tensors.ts'
import type { Address } from './address.ts'
import { type Channel, UpstreamError, understood } from './channel.ts'

type Unary = (
  message: object,
  options: { readonly deadline: Date },
  callback: (error: ServiceError | null, answer: never) => void,
) => ClientUnaryCall

interface Answers {
  readonly modelReady: { readonly ready: boolean }
  readonly modelMetadata: {
    readonly platform: string
    readonly inputs: readonly { readonly name: string }[]
    readonly outputs: readonly { readonly name: string }[]
  }
  readonly modelInfer: {
    readonly outputs: readonly TensorMessage[]
    readonly raw_output_contents: readonly Uint8Array[]
  }
}

/** Of an answer: features of many crystals. */
const ANSWER_BYTES = 2 ** 26
/** A server that is back should be noticed soon. */
const RECONNECT_MS = { first: 200, most: 1000 }

const GONE: ReadonlySet<status> = new Set([
  ...[status.UNAVAILABLE, status.CANCELLED, status.DEADLINE_EXCEEDED, status.NOT_FOUND],
  ...[status.UNIMPLEMENTED, status.UNAUTHENTICATED, status.PERMISSION_DENIED],
])

export function grpcChannel({ host, tls }: Address): Channel {
  const Client = makeGenericClientConstructor(grpcService(), 'inference')
  const client = new Client(host, tls ? credentials.createSsl() : credentials.createInsecure(), {
    'grpc.max_receive_message_length': ANSWER_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS.first,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS.most,
    'grpc.enable_retries': 0,
  })
  const underWay = new Set<ClientUnaryCall>()

  function ask<M extends keyof Answers>(method: M, message: object, timeoutMs: number): Promise<Answers[M]> {
    return new Promise((resolve, reject) => {
      const deadline = new Date(Date.now() + timeoutMs)
      const call = (client[method] as unknown as Unary).call(
        client,
        message,
        { deadline },
        (error, answer) => {
          underWay.delete(call)
          if (error) reject(errorOf(error))
          else resolve(answer)
        },
      )
      underWay.add(call)
    })
  }

  return {
    async ready(name, timeoutMs) {
      const { ready } = await ask('modelReady', { name }, timeoutMs)
      if (!ready) throw new UpstreamError('gone', `its model ${name} is not ready`)
    },
    async describe(name, timeoutMs) {
      const { platform, inputs, outputs } = await ask('modelMetadata', { name }, timeoutMs)
      return { platform, inputs: inputs.map(({ name }) => name), outputs: outputs.map(({ name }) => name) }
    },
    async infer(model_name, { inputs, outputs, parameters }, timeoutMs) {
      const message = {
        model_name,
        parameters: Object.fromEntries(
          Object.entries(parameters).map(([name, value]) => [
            name,
            { [`${typeof value}_param`.replace('boolean', 'bool')]: value },
          ]),
        ),
        inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
        outputs: outputs.map((name) => ({ name })),
        raw_input_contents: inputs.map((tensor) => bytesOfTensor(tensor)),
      }
      const { outputs: given, raw_output_contents: raw } = await ask('modelInfer', message, timeoutMs)
      return understood(() => new Map(tensorsOf(given, raw).map((tensor) => [tensor.name, tensor])))
    },
    abort() {
      for (const call of underWay) call.cancel()
    },
    close: () => client.close(),
  }
}

function errorOf({ code, details }: ServiceError): UpstreamError {
  if (code === status.RESOURCE_EXHAUSTED) return new UpstreamError('busy', details)
  return new UpstreamError(GONE.has(code) ? 'gone' : 'failed', details)
}
