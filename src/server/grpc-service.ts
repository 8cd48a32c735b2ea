// The service `inference.GRPCInferenceService` as its proto file defines it, for the server and for what asks other servers.

import { fileURLToPath } from 'node:url'
import { logVerbosity, type ServiceDefinition, setLogVerbosity } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

// Failures are told by our log.
setLogVerbosity(logVerbosity.NONE)

export function grpcService(): ServiceDefinition {
  const proto = fileURLToPath(new URL('./inference.proto', import.meta.url))
  const definition = loadSync(proto, {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
  })
  return definition['inference.GRPCInferenceService'] as ServiceDefinition
}
