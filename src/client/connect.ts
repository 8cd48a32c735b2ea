// The client in Node, which goes through the proxy that the environment names.

import { fetchHere, proxyHint } from '../proxy.ts'
import { type ConnectOptions, type RemoteModel, remoteModel } from './remote.ts'

/**
 * A model at an address such as `http://127.0.0.1:8000`. Nothing is sent before something is asked. In Node HTTP_PROXY,
 * HTTPS_PROXY and NO_PROXY count.
 * @throws ConfigError
 */
export function connect(url: string | URL, options: ConnectOptions = {}): RemoteModel {
  return remoteModel(url, options, async (base) => ({
    fetch: await fetchHere(),
    hint: proxyHint(new URL(base)),
  }))
}
