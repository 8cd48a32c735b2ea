// What is said of a package that is not installed; and that the versions are those of the optional peers.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PlatformError } from '../src/errors.ts'
import { needingPackages, PURPOSES, withMissingPackage } from '../src/missing-package.ts'
import { root } from './imports.ts'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

it('names what goes together, in versions that the manifest allows', () => {
  for (const { packages } of PURPOSES) {
    for (const [name, version] of Object.entries(packages)) {
      expect(manifest.peerDependencies[name]?.replace(/^\^/, ''), name).toMatch(
        new RegExp(`^${version}(\\.|$)`),
      )
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true })
      expect(manifest.devDependencies[name]).toBeDefined()
      expect(manifest.dependencies[name]).toBeUndefined()
    }
  }
})

it('says what to install, of what Node itself says', async () => {
  const missing = async (name: string) => {
    const text = `Cannot find package '${name}' imported from /x/y.js`
    throw Object.assign(new Error(text), { code: 'ERR_MODULE_NOT_FOUND' })
  }
  const training = needingPackages(() => missing('@tensorflow/tfjs-core'))
  await expect(training).rejects.toThrow(PlatformError)
  await expect(training).rejects.toThrow(
    /TensorFlow\.js, and @tensorflow\/tfjs-core is not installed: npm install @tensorflow\/tfjs@4\.22\.0 .*vega-lite@5$/,
  )
  await expect(needingPackages(() => missing('vega'))).rejects.toThrow(
    /plots .* npm install vega@5 vega-lite@5$/,
  )
  await expect(needingPackages(() => missing('left-pad'))).rejects.toThrow(/Cannot find package 'left-pad'/)
})

// As Yarn 4 says them.
it.each([
  [
    "@tensorflow/tfjs tried to access long, but it isn't declared in its dependencies; this makes the require call ambiguous",
    /Plug'n'Play asks for, and long is not installed: npm install long@4 seedrandom@3$/,
  ],
  [
    "crystal-onnx tried to access vega (a peer dependency) but it isn't provided by your application; this makes",
    /plots .* vega is not installed: npm install vega@5 vega-lite@5$/,
  ],
  [
    "crystal-onnx tried to access @tensorflow/tfjs-core (a peer dependency) but it isn't provided by your application",
    /training .* @tensorflow\/tfjs-core is not installed/,
  ],
])("says it of Yarn Plug'n'Play: %s", (message, said) => {
  const error = withMissingPackage(Object.assign(new Error(message), { code: 'MODULE_NOT_FOUND' }))
  expect(error).toBeInstanceOf(PlatformError)
  expect((error as Error).message).toMatch(said)
})

it('leaves other errors alone', () => {
  for (const error of [
    new Error('x'),
    undefined,
    'text',
    Object.assign(new Error('y'), { code: 'ENOENT' }),
  ]) {
    expect(withMissingPackage(error)).toBe(error)
  }
})
