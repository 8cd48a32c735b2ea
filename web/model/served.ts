// A model that a server runs, for the page as one that is open here: structures go there, predictions come back.

import type { Card } from '../../runtimes/card.ts'
import type { Model } from '../../runtimes/model.ts'
import type { Prediction } from '../../runtimes/predict.ts'
import type { Device } from '../../runtimes/runtime.ts'
import { connect, type RemotePrediction } from '../../src/client/browser.ts'
import { ConnectionError, PlatformError } from '../../src/errors.ts'

/** @throws ConnectionError, UnknownModelError and what else a server says */
export async function servedModel(
  server: URL,
  { model: name, apiKey }: { readonly model?: string; readonly apiKey?: string },
  signal: AbortSignal,
): Promise<Model> {
  const remote = connect(server, { model: name, apiKey })
  const described = await remote.metadata()
  const headers = apiKey === undefined ? undefined : { authorization: `Bearer ${apiKey}` }
  const card = await cardOf(server, described.name, { headers, signal })
  const { engine } = described.parameters
  const device = described.parameters.device as Device

  function elsewhere(): never {
    throw new PlatformError(`${server.host} gives predictions alone; open the model itself`)
  }

  function timed(prediction: RemotePrediction, since: number): Prediction {
    return { ...prediction, device, ms: performance.now() - since }
  }

  return {
    // What else its file gives, the server does not.
    card: { ...card, outputs: [] },
    ...{ device, engine: engine as Model['engine'], sealed: true, goldenError: undefined },
    deviceReport: `${device} of ${server.host}`,
    async predict(structure, options) {
      const since = performance.now()
      return timed(await remote.predict(structure, options), since)
    },
    async *predictMany(structures, options) {
      let since = performance.now()
      for await (const outcome of remote.predictMany(structures, options)) {
        yield outcome.error ? outcome : { index: outcome.index, ...timed(outcome, since) }
        since = performance.now()
      }
    },
    attention: async () => elsewhere(),
    embed: async () => elsewhere(),
    embedMany: elsewhere,
    dispose: async () => {},
  }
}

async function cardOf(server: URL, name: string, init: RequestInit): Promise<Card> {
  const address = new URL(`v2/models/${encodeURIComponent(name)}/card`, server)
  const response = await fetch(address, init)
  if (response.ok) return response.json()
  throw new ConnectionError(`${address}: status ${response.status}; expected a server of this version`)
}
