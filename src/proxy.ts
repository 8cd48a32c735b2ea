// What is said where a server cannot be reached and a proxy is set: fetch of Node goes past it unless Node is told.

/** The end of a message, or nothing where no proxy is set for this address. */
export function proxyHint({ protocol, hostname }: URL, env: NodeJS.ProcessEnv = process.env): string {
  const of = (name: string) => env[name] || env[name.toUpperCase()]
  const name = protocol === 'https:' && of('https_proxy') ? 'https_proxy' : 'http_proxy'
  if (!of(name) || isExempt(hostname, of('no_proxy') ?? '') || env.NODE_USE_ENV_PROXY === '1') return ''
  return (
    `; ${name.toUpperCase()} is set, which Node uses when it is started with NODE_USE_ENV_PROXY=1, from versions 22.21 and ` +
    '24 on: elsewhere download the file by another program'
  )
}

/** Whether a host is in a list such as `localhost,.example.org,*`. */
function isExempt(host: string, list: string): boolean {
  return list.split(/[\s,]+/).some((entry) => {
    const name = entry
      .toLowerCase()
      .replace(/:\d+$/, '')
      .replace(/^\*?\./, '')
    return entry === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)))
  })
}
