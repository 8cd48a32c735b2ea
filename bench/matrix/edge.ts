// An edge function in workerd, which runs those of Cloudflare.

import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { FUNCTION } from './programs.ts'
import { HOSTS } from './project.ts'

export interface Edge {
  /** @param kernels whether the function gives the kernels that were compiled before */
  ask(
    model: Uint8Array,
    structures: readonly unknown[],
    kernels: boolean,
  ): Promise<{ values: number[]; report: string; code?: string; message: string }>
  dispose(): Promise<void>
}

/** @param app a folder with the package in its node_modules. @throws where miniflare is not installed */
export async function edgeFunction(app: string): Promise<Edge> {
  const { Miniflare } = createRequire(join(HOSTS, 'here.js'))('miniflare')
  writeFileSync(join(app, 'function.js'), FUNCTION)
  copyFileSync(join(app, 'node_modules/crystal-onnx/dist/kernels.wasm'), join(app, 'kernels.wasm'))
  const { outputFiles } = await build({
    entryPoints: [join(app, 'function.js')],
    bundle: true,
    format: 'esm',
    write: false,
    conditions: ['browser'],
    alias: { 'crystal-onnx/kernels.wasm': './kernels.wasm' },
    external: ['*.wasm'],
    absWorkingDir: app,
    logLevel: 'silent',
  })
  const contents = readFileSync(join(app, 'kernels.wasm'))
  const edge = new Miniflare({
    modules: [
      { type: 'ESModule', path: 'function.js', contents: outputFiles[0].text },
      { type: 'CompiledWasm', path: 'kernels.wasm', contents },
    ],
    compatibilityDate: '2026-01-01',
  })
  return {
    async ask(model, structures, kernels) {
      const form = new FormData()
      form.set('model', new Blob([new Uint8Array(model)]))
      form.set('structures', JSON.stringify(structures))
      if (kernels) form.set('kernels', '')
      const sent = new Response(form)
      const answer = await edge.dispatchFetch('http://edge/', {
        method: 'POST',
        headers: { 'content-type': sent.headers.get('content-type') },
        body: Buffer.from(await sent.arrayBuffer()),
      })
      return answer.json()
    },
    dispose: () => edge.dispose(),
  }
}
