// The service worker of the built page: keeps the files of one version, answers from them, and so makes the page work
// without a network. onnxruntime's .wasm file and models are not its affair: runtimes/web keeps those that were used.
// The build puts in the list of files and the version (precache.ts).

declare const PAGE_FILES: readonly string[]
/** Kept once they were asked for. */
declare const PAGE_FILES_LATER: readonly string[]
declare const PAGE_VERSION: string

/** What is used here of the scope of a service worker, which TypeScript's DOM library takes for a window. */
interface Scope {
  readonly registration: { readonly scope: string }
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void
}
interface Fetching {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}

const scope = globalThis as unknown as Scope
const PREFIX = 'crystal-onnx-page-'
const CACHE = PREFIX + PAGE_VERSION
const addressOf = (file: string) => new URL(file, scope.registration.scope).href
const index = addressOf('./')
const files = new Set([index, ...PAGE_FILES.map(addressOf)])
const later = new Set(PAGE_FILES_LATER.map(addressOf))

scope.addEventListener('install', (event) => event.waitUntil(keep()))
scope.addEventListener('activate', (event) => event.waitUntil(forget().then(() => scope.clients.claim())))
scope.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET') return
  const [address] = request.url.split('#')
  const file = request.mode === 'navigate' ? address.replace(/(?:index\.html)?(?:\?.*)?$/, '') : address
  if (files.has(file) || later.has(file)) event.respondWith(answer(file, request))
})

// The page asks, once its visitor wants the new version.
scope.addEventListener('message', ({ data }) => {
  if (data === 'take over') void scope.skipWaiting()
})

async function keep(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll([...files].map((file) => new Request(file, { cache: 'no-cache' })))
}

/** Other versions of the page. */
async function forget(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
}

async function answer(file: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  const kept = await cache.match(file)
  if (kept) return isolated(kept)
  const fetched = await fetch(request)
  if (later.has(file) && fetched.ok) await cache.put(file, fetched.clone())
  return isolated(fetched)
}

/** With the headers that allow threads, for servers that cannot send them. */
function isolated({ body, status, statusText, headers }: Response): Response {
  const more = new Headers(headers)
  more.set('Cross-Origin-Opener-Policy', 'same-origin')
  more.set('Cross-Origin-Embedder-Policy', 'require-corp')
  return new Response(body, { status, statusText, headers: more })
}
