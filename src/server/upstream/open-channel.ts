// The way to a server, by the protocol of its address.

import type { Address } from './address.ts'
import type { Channel } from './channel.ts'

export async function openChannel(address: Address): Promise<Channel> {
  if (address.protocol === 'http') return (await import('./http-channel.ts')).httpChannel(address)
  return (await import('./grpc-channel.ts')).grpcChannel(address)
}
