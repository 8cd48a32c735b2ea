// What both elements have in common: a structure, handed over as a property or read from the address in `src`, and errors as
// events.

import { type Structure, type StructureInput, validated } from '../crystal/structure.ts'
import { LimitError, ParseError } from '../errors.ts'

/** Bytes of a file that `src` names. */
const MOST_BYTES = 32 * 2 ** 20

/** Where there is no DOM, a server that renders, modules can be imported all the same. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/** An element that shows something of a structure. Errors are events `crystal-error`, with the error as `detail`. */
export abstract class StructureElement extends Base {
  #given: Structure | undefined
  #reading = new AbortController()
  /** Not isConnected: of an element that was in the page before its class, attributes come first. */
  #alive = false

  /** What is shown: of `structure()` or a file's reader, or its parts. Setting it takes the place of `src`. */
  get structure(): Structure | undefined {
    return this.#given
  }

  /** @throws StructureError for one that cannot be */
  set structure(given: Structure | StructureInput | undefined) {
    this.#reading.abort()
    this.#given = given && validated(given)
    if (this.#alive) this.showStructure()
  }

  /** Address of a file in any format that is read as text. */
  get src(): string | null {
    return this.getAttribute('src')
  }

  /** Null for none. */
  set src(address: string | null) {
    if (address === null) this.removeAttribute('src')
    else this.setAttribute('src', address)
  }

  /** Called by the browser: the element is in a page. */
  connectedCallback(): void {
    this.#alive = true
    if (this.#given) this.showStructure()
    else void this.readSource()
  }

  /** Called by the browser. */
  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after || !this.#alive) return
    if (name === 'src' || name === 'index') {
      this.#given = undefined
      void this.readSource()
    } else this.changed(name)
  }

  /** Called by the browser: the element was taken out. */
  disconnectedCallback(): void {
    this.#alive = false
    this.#reading.abort()
  }

  /** The structure, or that there is none, is to be shown. */
  protected abstract showStructure(): void
  /** Another attribute has changed. */
  protected abstract changed(name: string): void
  /** An error is to be shown; it has been told of. */
  protected abstract showError(error: Error): void

  /** Tells of an error, and shows it. */
  protected fail(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause))
    this.showError(error)
    this.tell('crystal-error', error)
  }

  /** An event that is heard outside of the element's own tree too. */
  protected tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  private async readSource(): Promise<void> {
    this.#reading.abort()
    this.#reading = new AbortController()
    const { signal } = this.#reading
    const { src } = this
    if (src === null) return this.showStructure()
    try {
      const found = await readFrom(src, Number(this.getAttribute('index') ?? 0), signal)
      if (signal.aborted) return
      this.#given = found
      this.showStructure()
    } catch (error) {
      if (!signal.aborted) this.fail(error)
    }
  }
}

/** The structure of this number in the file at an address. */
async function readFrom(src: string, index: number, signal: AbortSignal): Promise<Structure> {
  const response = await fetch(src, { signal })
  const file = new URL(src, document.baseURI).pathname.split('/').at(-1) || src
  if (!response.ok)
    throw new ParseError(`answered ${response.status} ${response.statusText}`.trim(), { file: src })
  // A page may show other parts without one.
  const [{ entriesOf, standInsRefused }, { formatsFor }] = await Promise.all([
    import('../crystal/entries.ts'),
    import('../crystal/formats/usual.ts'),
  ])
  const text = await textOf(response, src)
  let count = 0
  for (const entry of entriesOf(text, { file, formats: await formatsFor(file, text) })) {
    if ('error' in entry) throw entry.error
    if (count++ !== index) continue
    const refused = standInsRefused(entry, file)
    if (refused) throw refused
    return entry.structure
  }
  throw new ParseError(`has no structure ${index}: expected an index from 0 to ${count - 1}`, { file })
}

/** @throws LimitError before more is kept than an element shows */
async function textOf(response: Response, src: string): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  const reader = response.body!.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.length
    if (bytes > MOST_BYTES) {
      await reader.cancel()
      throw new LimitError(`${src}: above ${MOST_BYTES / 2 ** 20} MiB, what an element reads`)
    }
    text += decoder.decode(read.value, { stream: true })
  }
  return text + decoder.decode()
}
