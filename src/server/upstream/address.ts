// Addresses of servers that run graphs for this one: grpc://host:port and http://host:port, with s for TLS.

import { ConfigError } from '../../errors.ts'
import { shown } from '../tensors.ts'

export interface Address {
  readonly protocol: 'grpc' | 'http'
  readonly tls: boolean
  /** with its port */
  readonly host: string
  /** as messages have it */
  readonly text: string
}

const PORTS = { grpc: '8001', http: '8000' } as const

/** @throws ConfigError for what is none */
export function upstreamAddress(text: string): Address {
  const [, protocol, s, host] =
    /^(grpc|http)(s?):\/\/((?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?)\/?$/.exec(text) ?? []
  if (host === undefined) {
    throw new ConfigError(
      `upstream ${shown(text)}: expected an address, such as grpc://triton:8001 or http://triton:8000`,
    )
  }
  const known = protocol as Address['protocol']
  const withPort = /:\d+$/.test(host) ? host : `${host}:${PORTS[known]}`
  return { protocol: known, tls: s === 's', host: withPort, text: `${protocol}${s}://${withPort}` }
}
