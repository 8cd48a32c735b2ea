/**
 * A client of `crystal-onnx serve`, for Node and browsers: predictions of a model that runs elsewhere, with the errors of
 * one that runs here. Nothing but fetch is needed.
 *
 * @module crystal-onnx/client
 */

export type { Structure } from '../crystal/structure.ts'
export * from '../errors.ts'
export {
  type AskOptions,
  type ConnectOptions,
  connect,
  type RemoteModel,
  type RemotePrediction,
} from './connect.ts'
export type { RemoteMetadata } from './metadata.ts'
