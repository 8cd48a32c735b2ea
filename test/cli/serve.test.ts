// `serve` as a process: its options and their variables, its log, what it refuses, and how it ends.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { onDisk } from '../runtimes/models.ts'
import { MODEL, posted, typedChain } from '../server/running.ts'
import { CLI, cli, cliWith, temporaryFolder } from './run.ts'

const file = onDisk()

/** Starts the command, and resolves with its first lines of log. */
async function serving(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, 'serve', ...args, '--json'], {
    env: { ...process.env, ...env },
  })
  const ended = once(child, 'exit')
  const log: Record<string, string>[] = []
  const lines = createInterface({ input: child.stdout })
  // Read to the end: a log that nobody reads fills its pipe.
  await new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      log.push(JSON.parse(line))
      if (log.at(-1)!.message === 'listening') resolve()
    })
    lines.on('close', resolve)
  })
  return { child, log, ended }
}

describe('serve', () => {
  it('answers until a signal comes, then what it accepted, and ends with 0', async () => {
    const keys = join(temporaryFolder(), 'keys.txt')
    writeFileSync(keys, '# whose\n0123456789abcdef\n')
    const { child, log, ended } = await serving(
      [`${MODEL}=${file}`, '--port', '0', '--grpc-port', 'off', '--workers', '1'],
      {
        CRYSTAL_ONNX_API_KEY_FILE: keys,
        CRYSTAL_ONNX_MAX_CLIENT_BATCH: '1',
        CRYSTAL_ONNX_BATCH_WAIT: '300',
      },
    )
    const { url, grpc } = log.at(-1)!
    expect(grpc).toBeUndefined()
    const ask = (authorization: string, inputs: object[] = typedChain(3)) =>
      posted(`${url}/v2/models/${MODEL}/infer`, { inputs }, { authorization })
    expect(await ask('Bearer nobody')).toMatchObject({ status: 401 })
    const two = [{ name: 'structure', datatype: 'BYTES', shape: [2], data: ['x', 'y'] }]
    expect(await ask('Bearer 0123456789abcdef', two)).toMatchObject({
      status: 413,
      json: { error: /allowed are 1;/ },
    })
    const answers = Array.from({ length: 6 }, () => ask('Bearer 0123456789abcdef'))
    const isUnderWay = async () => {
      const headers = { 'x-api-key': '0123456789abcdef' }
      return /concurrent_requests 6/.test(await (await fetch(`${url}/metrics`, { headers })).text())
    }
    await expect.poll(isUnderWay).toBe(true)
    child.kill('SIGTERM')
    for (const answer of answers) expect((await answer).status).toBe(200)
    expect(await ended).toEqual([0, null])
  })

  it('says what is wrong', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const folder = temporaryFolder()
    const short = join(folder, 'short.txt')
    writeFileSync(short, 'abc\n')
    const cases = await Promise.all([
      cli('serve'),
      cli('serve', file, '--port', '70000'),
      cli('serve', file, '--tls-key', short),
      cliWith({ CRYSTAL_ONNX_MAX_BODY: 'large' }, 'serve', file),
      cli('serve', file, '--port', String(port), '--grpc-port', 'off'),
      cli('serve', join(folder, 'none.onnx'), '--port', '0', '--grpc-port', 'off'),
      cli('serve', file, '--api-key-file', short, '--port', '0'),
      cli('serve', file, '--api-key-file', join(folder, 'none'), '--port', '0'),
      cli('serve', file, file, '--port', '0'),
      cli('serve', '--repository', join(folder, 'none'), '--port', '0', '--grpc-port', 'off'),
      cli('serve', file, '--cors', 'my.page', '--port', '0'),
    ])
    other.close()
    expect(cases.map(({ code, stderr }) => [code, /error:? (.*)/.exec(stderr)?.[1]])).toEqual([
      [2, 'no models: name some, or a folder of them with --repository'],
      [2, expect.stringMatching(/'--port <n>' argument '70000' is invalid/)],
      [2, '--tls-cert and --tls-key belong together: give both'],
      [2, expect.stringMatching(/CRYSTAL_ONNX_MAX_BODY.*expected a number/)],
      [
        1,
        `127.0.0.1:${port} cannot be listened on: another program listens there; choose another port, or 0 for any`,
      ],
      [1, expect.stringMatching(/none\.onnx: no such file, and no model of the package/)],
      [1, expect.stringMatching(/API key 1 of 1: expected at least 16 letters/)],
      [1, expect.stringMatching(/none: no such file or folder/)],
      [1, 'two models are called model; name one of them, as in NAME=FILE'],
      [1, expect.stringMatching(/none: no such file or folder/)],
      [1, 'cors "my.page": expected the origin of a page, such as https://my.page, or *'],
    ])
  })
})
