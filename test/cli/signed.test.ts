// Signed models from the command line: made, verified, inspected, served.

import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cli, fixture, temporaryFolder } from './run.ts'

const weights = fixture('golden/crystalformer_tiny_perturbed.safetensors')
const folder = temporaryFolder()
const at = (name: string) => join(folder, name)

function writeKeys(name: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  writeFileSync(at(`${name}.pem`), privateKey.export({ format: 'pem', type: 'pkcs8' }))
  writeFileSync(at(`${name}.pub.pem`), publicKey.export({ format: 'pem', type: 'spki' }))
}
writeKeys('own')
writeKeys('other')

it('export --sign, inspect, verify --key, serve --require-signed', async () => {
  const signed = at('signed.onnx')
  const exported = await cli('export', weights, '-o', signed, '--sign', at('own.pem'), '--json')
  expect([exported.code, exported.lines[0]?.bytes]).toEqual([0, readFileSync(signed).length])

  const [inspected, good, wrong, served, noKey] = await Promise.all([
    cli('inspect', signed, '--json'),
    cli('verify', signed, '--key', at('own.pub.pem'), '--device', 'cpu'),
    cli('verify', signed, '--key', at('other.pub.pem'), '--json'),
    cli('serve', signed, '--port', '0', '--grpc-port', 'off', '--require-signed', at('other.pub.pem')),
    cli('serve', signed, '--port', '0', '--grpc-port', 'off', '--require-signed', at('own.pem')),
  ])
  expect(inspected.lines[0]).toMatchObject({ sealed: true, signed: true })
  expect(good.code).toBe(0)
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/its signature is not of the public key given/),
  ])
  expect([served.code, served.stderr]).toEqual([
    1,
    expect.stringMatching(/its signature is not of the public key given/),
  ])
  expect([noKey.code, noKey.stderr]).toEqual([1, expect.stringMatching(/own\.pem: a private key/)])
}, 120_000)

it('the key is looked at before the work, and never written over', async () => {
  const [missing, wrong, over, triton] = await Promise.all([
    cli('export', weights, '-o', at('a.onnx'), '--sign', at('absent.pem')),
    cli('export', weights, '-o', at('a.onnx'), '--sign', at('own.pub.pem')),
    cli('export', weights, '-o', at('own.pem'), '--sign', at('own.pem')),
    cli('export', weights, '-o', at('repository'), '--to', 'triton', '--sign', at('own.pem')),
  ])
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/absent\.pem/)])
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/own\.pub\.pem: is no key that can be read/),
  ])
  expect([over.code, over.stderr]).toEqual([
    1,
    expect.stringMatching(/own\.pem: is .*an input of this command/),
  ])
  expect([triton.code, triton.stderr]).toEqual([2, expect.stringMatching(/--sign is for a model file/)])
}, 60_000)
