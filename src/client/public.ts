// What the client exports everywhere.

export type { Structure } from '../crystal/structure.ts'
export * from '../errors.ts'
export type { RemoteMetadata } from './metadata.ts'
export type { AskOptions, ConnectOptions, RemoteModel, RemotePrediction } from './remote.ts'
