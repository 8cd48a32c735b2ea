// The files that deploy a server (examples/serving): that they parse, and that every option, variable, port and path in
// them is one that the server knows; and what linters and the schemas of Kubernetes say of them (KServe's: integration/
// kserve.test.ts). Whether clusters take them is not tried here.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { serveOptions } from '../../src/cli/serve-options.ts'
import { PURPOSES } from '../../src/missing-package.ts'
import { temporaryFolder } from '../cli/run.ts'
import { root } from '../imports.ts'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const read = (name: string) => readFileSync(join(root, 'examples/serving', name), 'utf8')
const known = serveOptions()
const variables = known.map(({ envVar }) => envVar)
const portOf = (long: string) => known.find((option) => option.long === long)!.defaultValue

// biome-ignore lint/suspicious/noExplicitAny: manifests are whatever they are
const documents = (name: string): any[] =>
  parseAllDocuments(read(name)).map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS()
  })

it.each(['Dockerfile', 'Dockerfile.cuda', 'compose.yaml', 'kubernetes.yaml', 'kserve.yaml'])(
  '%s sets variables, options and ports that there are',
  (name) => {
    const text = read(name)
    const named = [...text.matchAll(/\bCRYSTAL_ONNX_[A-Z_]+/g)].map(([variable]) => variable)
    expect(named.filter((variable) => !variables.includes(variable))).toEqual([])
    const flags = [...text.matchAll(/"(--[a-z-]+)"/g)].map(([, flag]) => flag)
    expect(flags.filter((flag) => !known.some(({ long }) => long === flag))).toEqual([])
    const ports = [...text.matchAll(/(?:EXPOSE |containerPort: |127\.0\.0\.1:)(\d+)(?: (\d+))?/g)].flatMap(
      ([, ...found]) => found,
    )
    for (const port of ports.filter(Boolean))
      expect([portOf('--port'), portOf('--grpc-port')]).toContain(Number(port))
    for (const [path] of text.matchAll(/\/v2\/[\w/]+/g)) expect(path).toMatch(/^\/v2\/health\/(live|ready)$/)
  },
)

it.each(['Dockerfile', 'Dockerfile.cuda'])('%s installs what a server needs', (name) => {
  const installed = /npm install ([^&]+)&&/.exec(read(name))?.[1].split(/[\s\\]+/)
  const { packages } = PURPOSES.find(({ purpose }) => purpose.includes('server'))!
  for (const [one, version] of Object.entries(packages)) expect(installed).toContain(`${one}@${version}`)
  expect(installed).toContain(`onnxruntime-node@${manifest.peerDependencies['onnxruntime-node']}`)
})

describe('manifests', () => {
  it('ask the server whether it is ready, and give it time to end', () => {
    const [, { spec: deployment }, service, scaler] = documents('kubernetes.yaml')
    const { spec, metadata } = deployment.template
    const [container] = spec.containers
    const [{ value: drain }] = container.env.filter(
      ({ name }: { name: string }) => name === 'CRYSTAL_ONNX_DRAIN',
    )
    const timeout = known.find(({ long }) => long === '--request-timeout')!.defaultValue as number
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(Number(drain) + timeout)
    for (const probe of [container.startupProbe, container.readinessProbe]) {
      expect(probe.httpGet).toEqual({ path: '/v2/health/ready', port: 'http' })
    }
    expect(service.spec.selector).toEqual(metadata.labels)
    expect(deployment.selector.matchLabels).toEqual(metadata.labels)
    expect(scaler.spec.metrics[0].pods.metric.name).toMatch(/^crystal_onnx_queue_seconds/)
  })

  it('for KServe and compose are whole', () => {
    expect(documents('kserve.yaml')).toMatchObject([
      { kind: 'InferenceService', spec: { predictor: { containers: [{ name: 'kserve-container' }] } } },
    ])
    expect(documents('compose.yaml')).toMatchObject([
      { services: { serve: { build: '.', cap_drop: ['ALL'] } } },
    ])
  })
})

const LINTERS = join(root, 'node_modules/.cache/crystal-onnx/manifests/bin')
const HADOLINT = join(LINTERS, 'hadolint')
const VALIDATE = join(LINTERS, 'kubernetes-validate')

it.skipIf(!existsSync(HADOLINT)).each(['Dockerfile', 'Dockerfile.cuda'])(
  '%s passes hadolint (skipped where .ci/run could not install it)',
  (name) => {
    const { stdout, status } = spawnSync(HADOLINT, ['--no-color', join(root, 'examples/serving', name)], {
      encoding: 'utf8',
    })
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 })
  },
)

describe.skipIf(!existsSync(VALIDATE))(
  'kubernetes-validate (skipped where .ci/run could not install it)',
  () => {
    const validate = (file: string) => spawnSync(VALIDATE, ['--strict', file], { encoding: 'utf8' })

    it('finds every resource to be of the schemas of Kubernetes', () => {
      const { stdout, status } = validate(join(root, 'examples/serving/kubernetes.yaml'))
      const kinds = documents('kubernetes.yaml').map(({ kind }) => kind.toLowerCase())
      const passed = [...stdout.matchAll(/passed for resource (\w+)\//g)].map(([, kind]) => kind)
      expect({ passed, status }).toEqual({ passed: kinds, status: 0 })
    })

    it('refuses a field that there is not', () => {
      const file = join(temporaryFolder(), 'wrong.yaml')
      const text = read('kubernetes.yaml')
      const wrong = text.replace('readOnlyRootFilesystem', 'readOnlyRoot')
      expect(wrong).not.toBe(text)
      writeFileSync(file, wrong)
      const { stdout, stderr, status } = validate(file)
      expect(status).not.toBe(0)
      expect(stdout + stderr).toContain('readOnlyRoot')
    })
  },
)
