// What the address of the page asks for: `?model=band-gap` or an address of an .onnx file, `?server=` a server that runs
// the model, `?structure=` an example by its name, or an address of a structure file. Addresses are of the page's own origin:
// it loads nothing from elsewhere.

import { failureOf } from '../src/components/failure.ts'
import { ParseError } from '../src/errors.ts'
import { EXAMPLES } from './intake/examples.ts'
import { take } from './intake/take.ts'
import { BUNDLED, type ModelSource } from './model/catalogue.ts'
import type { PageStore } from './state.ts'

export interface Asked {
  readonly model?: ModelSource
  readonly structure?: string
}

/** @param search of the address, with its question mark */
export function asked(search: string): Asked {
  const values = new URLSearchParams(search)
  const [server, model, structure] = ['server', 'model', 'structure'].map((name) => values.get(name))
  const source = server ? servedBy(server, model ?? undefined) : model && modelOf(model)
  return { ...(source && { model: source }), ...(structure && { structure }) }
}

/** A model of a server, which the policy of the page has to allow: that of its own origin, unless it was built with another. */
function servedBy(server: string, model: string | undefined): ModelSource {
  const url = URL.parse(server, document.baseURI) ?? new URL(document.baseURI)
  const address = new URL(`${url.origin}${url.pathname.replace(/[^/]*$/, '')}`)
  return { kind: 'served', name: [model, url.host].filter(Boolean).join(' of '), url: address, model }
}

/** One of the page's own by its name, `formation-energy`, or else an address. */
function modelOf(text: string): ModelSource {
  const plain = (name: string) => name.toLowerCase().replace(/[^a-z]+/g, '-')
  const own = BUNDLED.find(({ name }) => plain(name) === plain(text))
  const url = URL.parse(text, document.baseURI) ?? new URL(encodeURIComponent(text), document.baseURI)
  return own ?? { kind: 'bundled', name: text.slice(-80), url }
}

/** The structure that is asked for: an example by the beginning of its title or its file name, or an address. */
export async function takeAsked(store: PageStore, text: string): Promise<void> {
  const example = EXAMPLES.find(
    ({ title, name }) => name === text || title.startsWith(text) || name === `${text}.jsonl`,
  )
  if (example) return take(store, [example], example)
  const address = URL.parse(text, document.baseURI) ?? new URL(encodeURIComponent(text), document.baseURI)
  const name = address.pathname.split('/').pop() || address.host
  try {
    const response = await fetch(address)
    if (!response.ok) throw new Error(`the server answers ${response.status}`)
    await take(store, [{ name, file: new File([await response.blob()], name) }])
  } catch (cause) {
    const message = `${address.href} cannot be read (${(cause as Error).message}); download it, and drop the file here`
    store.update({ refusal: failureOf(new ParseError(message, {}, { cause })) })
  }
}
