// The document of all routes in the form of OpenAPI, generated from them, and a page that shows it, which needs nothing else.

import type { FastifyInstance } from 'fastify'

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
}

export function docsRoutes(app: FastifyInstance): void {
  const hide = true
  app.get('/docs/json', { schema: { hide } as object }, async () => app.swagger())
  app.get('/docs', { schema: { hide } as object }, async (_, reply) => {
    reply.type('text/html; charset=utf-8')
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
    return page(app.swagger().paths as Record<string, Record<string, Operation>>)
  })
}

function page(paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>): string {
  const rows = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary = '', description = '', tags = [] }]) =>
        `<tr><td>${escaped(tags.join(', '))}<td><code>${method.toUpperCase()} ${escaped(path)}</code>` +
        `<td>${escaped(summary)}<br><small>${escaped(description)}</small>`,
    ),
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>crystal-onnx</title>
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}td{padding:.4rem .8rem;vertical-align:top}
tr:nth-child(even){background:#8881}</style>
<h1>crystal-onnx</h1><p>A structure file: <code>curl -F file=@NaCl.cif ADDRESS/predict</code>.
The <a href="/docs/json">document for programs</a> (OpenAPI).</p>
<table>${rows.sort().join('\n')}</table></html>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
