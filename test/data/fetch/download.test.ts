// Downloads from a server that misbehaves in every way that servers do.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type DownloadOptions, download } from '../../../src/data/fetch/download.ts'
import { DownloadError } from '../../../src/errors.ts'
import { workshop } from '../formats/forms.ts'
import { hang, ignoreRange, redirect, refuse, serve, tagOf, testServer, truncate } from './server.ts'

const { folder } = workshop()
const server = await testServer()
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Larger than what fetch and the kernel hold in their buffers. */
const CONTENT = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 2654435761) >>> 24))
const OTHER = Buffer.from(CONTENT).reverse()
const hex = (algorithm: string, content = CONTENT) => createHash(algorithm).update(content).digest('hex')
const SHA256 = { algorithm: 'sha256', hex: hex('sha256') } as const

let n = 0
let path = ''
beforeEach(() => {
  path = join(folder, `file-${n++}.bin`)
})

const quick = { waitMilliseconds: 1, idleMilliseconds: 5000 }
const get = (options: DownloadOptions = {}) => download(`${server.url}/file`, path, { ...quick, ...options })

/** What an earlier run left: the first bytes of a version of the file. */
function leave(content: Buffer, bytes: number, validator: string | undefined = tagOf(content)): void {
  writeFileSync(`${path}.part`, content.subarray(0, bytes))
  writeFileSync(`${path}.part.json`, JSON.stringify({ url: `${server.url}/file`, validator }))
}

function expectWhole(content = CONTENT): void {
  expect(readFileSync(path).equals(content)).toBe(true)
  expect(existsSync(`${path}.part`)).toBe(false)
  expect(existsSync(`${path}.part.json`)).toBe(false)
}

describe('download', () => {
  it('follows a link, keeps the permissions of the file there, and goes into no device', async () => {
    server.answer(serve(CONTENT))
    const [link, folder] = [`${path}.link`, `${path}.elsewhere`]
    mkdirSync(folder)
    writeFileSync(`${folder}/file`, 'older', { mode: 0o600 })
    symlinkSync(`${folder}/file`, link)
    await download(`${server.url}/file`, link, quick)
    expect(readFileSync(`${folder}/file`).equals(CONTENT)).toBe(true)
    expect(readdirSync(folder)).toEqual(['file'])
    expect(statSync(`${folder}/file`).mode & 0o777).toBe(0o600)
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    await expect(download(`${server.url}/file`, folder, quick)).rejects.toThrow(/is a folder/)
    if (spawnSync('mkfifo', [`${path}.pipe`]).status !== 0) return
    await expect(download(`${server.url}/file`, `${path}.pipe`, quick)).rejects.toThrow(/no regular file/)
  })

  it('fetches a file, checks it, and reports progress', async () => {
    server.answer(serve(CONTENT))
    const progress: [number, number | undefined][] = []
    const onProgress = (bytes: number, total: number | undefined) => progress.push([bytes, total])
    expect(await get({ checksum: SHA256, bytes: CONTENT.length, onProgress })).toEqual(SHA256)
    expectWhole()
    expect(progress[0]).toEqual([0, CONTENT.length])
    expect(progress.at(-1)).toEqual([CONTENT.length, CONTENT.length])
  })

  it('checks MD5 where that is published, and gives SHA-256 where nothing is', async () => {
    server.answer(serve(CONTENT))
    expect(await get()).toEqual(SHA256)
    const md5 = { algorithm: 'md5', hex: hex('md5') } as const
    expect(await get({ checksum: md5 })).toEqual(md5)
  })

  it('goes on with what an earlier run left', async () => {
    leave(CONTENT, 150_000)
    server.answer(serve(CONTENT))
    await get({ checksum: SHA256 })
    expectWhole()
    expect(server.requests).toEqual([{ path: '/file', range: 'bytes=150000-', ifRange: tagOf(CONTENT) }])
  })

  it('tries again when a connection is cut off', async () => {
    server.answer(truncate(CONTENT, 150_000), truncate(CONTENT, 100_000), serve(CONTENT))
    const reasons: string[] = []
    await get({ checksum: SHA256, onRetry: (reason) => reasons.push(reason) })
    expectWhole()
    expect(reasons).toHaveLength(2)
    // How much of a cut body has arrived by then is up to the kernel.
    for (const { range, ifRange } of server.requests) expect(ifRange).toBe(range && tagOf(CONTENT))
  })

  it('tries again after 503 and 429, as late as the server asks', async () => {
    server.answer(refuse(503), refuse(429, { 'retry-after': '0' }), refuse(500), serve(CONTENT))
    const waits: number[] = []
    await get({ waitMilliseconds: 8, onRetry: (_, wait) => waits.push(wait) })
    expectWhole()
    expect(waits).toEqual([8, 0, 32])
    server.answer(refuse(503, { 'retry-after': '86400' }), serve(CONTENT))
    const stopped = new AbortController()
    const waiting = get({
      signal: stopped.signal,
      onRetry: (_, wait) => {
        expect(wait).toBe(120_000)
        stopped.abort(new Error('enough'))
      },
    })
    await expect(waiting).rejects.toThrow()
  })

  it('gives up after six failures in a row, and says how to go on', async () => {
    leave(CONTENT, 1000)
    server.answer(refuse(503))
    const reading = get()
    await expect(reading).rejects.toThrow(
      /answers 503 Service Unavailable; given up after 6 attempts. 1000 bytes are in .*\.part: run again to go on/,
    )
    await expect(reading).rejects.toThrow(DownloadError)
    expect(existsSync(path)).toBe(false)
    expect(readFileSync(`${path}.part`).length).toBe(1000)
  })

  it('does not try again what will not change', async () => {
    for (const status of [400, 403, 404, 410]) {
      server.answer(refuse(status))
      await expect(get()).rejects.toThrow(new RegExp(`/file: the server answers ${status}`))
      expect(server.requests).toHaveLength(1)
    }
  })

  it('starts anew when the server ignores the range', async () => {
    leave(CONTENT, 150_000)
    server.answer(ignoreRange(CONTENT))
    await get({ checksum: SHA256 })
    expectWhole()
    expect(server.requests[0].range).toBe('bytes=150000-')
  })

  it('starts anew when the file has changed between two parts', async () => {
    leave(OTHER, 150_000)
    server.answer(serve(CONTENT))
    await get()
    expectWhole()
    expect(server.requests.map(({ ifRange }) => ifRange)).toEqual([tagOf(OTHER)])
  })

  it('does not join parts of two versions where the server would', async () => {
    leave(OTHER, 100_000)
    server.answer((request, response) => {
      // Takes no notice of If-Range.
      delete request.headers['if-range']
      serve(CONTENT)(request, response)
    })
    await get()
    expectWhole()
    expect(server.requests.map(({ range }) => range)).toEqual(['bytes=100000-', undefined])
  })

  it('starts anew when nothing tells versions apart and no checksum is known', async () => {
    writeFileSync(`${path}.part`, OTHER.subarray(0, 100_000))
    writeFileSync(`${path}.part.json`, JSON.stringify({ url: `${server.url}/file` }))
    server.answer(serve(CONTENT, { tag: undefined }))
    await get()
    expectWhole()
    expect(server.requests.map(({ range }) => range)).toEqual([undefined])
  })

  it('refuses another part than the one asked for', async () => {
    leave(CONTENT, 100_000)
    server.answer((_, response) => {
      response.writeHead(206, { 'content-range': `bytes 7-9/${CONTENT.length}` }).end('abc')
    }, serve(CONTENT))
    await get({ checksum: SHA256 })
    expectWhole()
  })

  it('deletes a file with a wrong checksum, and names both', async () => {
    server.answer(serve(OTHER))
    const reading = get({ checksum: SHA256 })
    await expect(reading).rejects.toThrow(
      `its sha256 is ${hex('sha256', OTHER)}, published is ${SHA256.hex}. What was downloaded is deleted`,
    )
    await expect(reading).rejects.toThrow(DownloadError)
    expect(readdirSync(folder).filter((name) => path.endsWith(name.replace('.part', '')))).toEqual([])
  })

  it('deletes a file of another length than published', async () => {
    server.answer(serve(CONTENT))
    await expect(get({ bytes: 12 })).rejects.toThrow(/has 400000 bytes, published are 12/)
    expect(existsSync(`${path}.part`)).toBe(false)
  })

  it('counts a silent connection as cut off', async () => {
    server.answer(hang(CONTENT, 100_000), serve(CONTENT))
    const reasons: string[] = []
    await get({ onRetry: (reason) => reasons.push(reason), idleMilliseconds: 300 })
    expect(reasons[0]).toBe('no data for 0.3 s')
    expectWhole()
    server.answer(() => {}, serve(CONTENT))
    await get({ idleMilliseconds: 300 })
    expectWhole()
  })

  it('keeps its part when it is interrupted, and another process goes on with it', async () => {
    server.answer(hang(CONTENT, 200_000))
    const interrupt = new AbortController()
    const reading = get({
      signal: interrupt.signal,
      idleMilliseconds: 10_000,
      onProgress: (bytes) => bytes >= 200_000 && interrupt.abort(new Error('interrupted')),
    })
    await expect(reading).rejects.toThrow('interrupted')
    expect(readFileSync(`${path}.part`).length).toBe(200_000)
    server.answer(serve(CONTENT))
    await get({ checksum: SHA256 })
    expectWhole()
    expect(server.requests).toEqual([{ path: '/file', range: 'bytes=200000-', ifRange: tagOf(CONTENT) }])
  })

  it('does not trust a part of which nobody knows where it is from', async () => {
    writeFileSync(`${path}.part`, OTHER.subarray(0, 1000))
    server.answer(serve(CONTENT))
    await get()
    expectWhole()
    expect(server.requests[0].range).toBeUndefined()
  })

  it('finishes a part that is already whole, and drops one that is too long', async () => {
    leave(CONTENT, CONTENT.length)
    server.answer(serve(CONTENT))
    await get({ checksum: SHA256 })
    expectWhole()
    leave(Buffer.concat([CONTENT, CONTENT]), 2 * CONTENT.length, tagOf(CONTENT))
    await get({ checksum: SHA256 })
    expectWhole()
  })

  it('follows redirects, but not for ever and not to http elsewhere', async () => {
    server.answer(redirect('/elsewhere'), redirect(`${server.url}/there`), serve(CONTENT))
    await get()
    expect(server.requests.map(({ path }) => path)).toEqual(['/file', '/elsewhere', '/there'])
    server.answer(redirect('/file'))
    await expect(get()).rejects.toThrow(/redirected more than 5 times/)
    server.answer(redirect('http://example.com/file'))
    await expect(get()).rejects.toThrow(/http:\/\/example.com\/file: not https/)
    await expect(download('http://example.com/x', path)).rejects.toThrow(/not https/)
    await expect(download('file:///etc/passwd', path)).rejects.toThrow(/not https/)
  })

  it('says when nobody answers', async () => {
    const other = await testServer()
    await other.close()
    await expect(download(`${other.url}/file`, path, quick)).rejects.toThrow(
      /fetch failed: .*given up after 6/,
    )
  })
})
