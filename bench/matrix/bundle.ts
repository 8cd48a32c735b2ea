// An app in a folder, built by each bundler without a configuration.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import webpack from 'webpack'

/** @returns the folder of the page */
export async function buildWithVite(app: string): Promise<string> {
  writeFileSync(join(app, 'index.html'), '<!doctype html><script type="module" src="/main.js"></script>')
  // Top-level await is the app's own, and newer than Vite's default target.
  await vite({ root: app, configFile: false, logLevel: 'silent', build: { target: 'es2022', minify: false } })
  return join(app, 'dist')
}

/** @returns the folder of the page. @throws for errors of the compilation */
export async function buildWithWebpack(app: string): Promise<string> {
  const compiler = webpack({
    context: app,
    entry: './main.js',
    mode: 'production',
    optimization: { minimize: false },
    output: { path: join(app, 'dist') },
  })!
  const stats = await new Promise<webpack.Stats>((resolve, reject) =>
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats!))),
  )
  await new Promise((resolve) => compiler.close(resolve))
  const errors = stats.compilation.errors.map(({ message }) => message)
  if (errors.length > 0) throw new Error(errors.join('\n'))
  writeFileSync(join(app, 'dist/index.html'), '<!doctype html><script src="/main.js"></script>')
  return join(app, 'dist')
}

/** A server for Node in one file. @returns the file */
export async function bundleServer(app: string, entry: string): Promise<string> {
  const outfile = join(app, 'bundled/server.mjs')
  const entryPoints = [join(app, entry)]
  await esbuild({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    absWorkingDir: app,
    logLevel: 'silent',
  })
  return outfile
}
