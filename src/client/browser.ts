/**
 * The client in browsers, which know their proxies.
 *
 * @module crystal-onnx/client
 */

import { type ConnectOptions, type RemoteModel, remoteModel } from './remote.ts'

export * from './public.ts'

/** A model at an address such as `http://127.0.0.1:8000`. Nothing is sent before something is asked. @throws ConfigError */
export function connect(url: string | URL, options: ConnectOptions = {}): RemoteModel {
  return remoteModel(url, options, () => ({ fetch: globalThis.fetch.bind(globalThis), hint: '' }))
}
