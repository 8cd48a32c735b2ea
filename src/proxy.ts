// fetch through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, in either case: that of Node leaves them alone
// before Node 24, and later unless it is told. Bun and Deno go through it by themselves.

type Fetch = typeof globalThis.fetch

const NAMES = ['http_proxy', 'https_proxy']
const proxied = new Map<string, Promise<Fetch>>()

/** What fetches here, with these variables. */
export async function fetchHere(env: NodeJS.ProcessEnv = process.env): Promise<Fetch> {
  const byItself = process.versions.bun !== undefined || 'Deno' in globalThis
  if (byItself || NAMES.every((name) => !settingOf(name, env))) return globalThis.fetch
  const settings = [...NAMES, 'no_proxy'].map((name) => settingOf(name, env))
  const key = JSON.stringify(settings)
  const made = proxied.get(key) ?? fetchThrough(settings)
  proxied.set(key, made)
  return made
}

/** Lower case goes first, as everywhere. */
function settingOf(name: string, env: NodeJS.ProcessEnv): string {
  return env[name] || env[name.toUpperCase()] || ''
}

async function fetchThrough([httpProxy, httpsProxy, noProxy]: readonly string[]): Promise<Fetch> {
  const { EnvHttpProxyAgent, fetch } = await import('undici')
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy: httpsProxy || httpProxy,
    noProxy,
    // Proxies of http pages need not know CONNECT.
    proxyTunnel: false,
  })
  return ((input, init) =>
    fetch(input as string, { ...(init as object), dispatcher }) as unknown as Promise<Response>) as Fetch
}

/** The end of a message where a server cannot be reached and a proxy is set: it may be what fails. */
export function proxyHint({ protocol }: URL, env: NodeJS.ProcessEnv = process.env): string {
  const name = protocol === 'https:' && settingOf('https_proxy', env) ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  if (!settingOf(name.toLowerCase(), env)) return ''
  return `; ${name} is set: see that its proxy can be reached and lets this address through, or name the host in NO_PROXY`
}

/** Why a fetch failed: what it says, and the first cause, which it keeps to itself. */
export function reasonOf(error: Error): string {
  let first = error
  while (first.cause instanceof Error) first = first.cause
  const { message, code } = first as NodeJS.ErrnoException
  return first === error ? message : `${error.message}: ${message || code}`
}
