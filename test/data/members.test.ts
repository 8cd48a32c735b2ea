// Archives as programs make them, and packings that are not read: no member is lost, and what cannot be read is said.

import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { membersOf } from '../../src/data/members.ts'

const bytes = (text: string) => Buffer.from(text)

/** Names and texts, as `FILE`. */
async function members(content: Uint8Array): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  async function* chunks() {
    yield content
  }
  for await (const { name, chunks: parts } of membersOf('FILE', chunks())) {
    const all: Uint8Array[] = []
    for await (const part of parts) all.push(part)
    found[name] = Buffer.concat(all).toString()
  }
  return found
}

/** POSIX.1-1988: a header of 512 bytes for each file, then its content in whole blocks. */
function tar(files: Record<string, string>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const head = Buffer.alloc(512)
    head.write(name, 0)
    head.write(text.length.toString(8).padStart(11, '0'), 124)
    head.write(name.endsWith('/') ? '5' : '0', 156)
    head.write('ustar\0', 257)
    const body = Buffer.alloc(Math.ceil(text.length / 512) * 512)
    body.write(text)
    return [head, body]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

describe('names in archives', () => {
  test('as tar of a folder writes them', async () => {
    const archive = tar({ './': '', './a.cif': 'A', './in/b.cif': 'B', './.git/c': 'C' })
    const expected = { 'FILE/a.cif': 'A', 'FILE/in/b.cif': 'B' }
    expect(await members(archive)).toEqual(expected)
    expect(await members(gzipSync(archive))).toEqual(expected)
  })
  test('that lead out of the archive are names like others', async () => {
    expect(await members(zipSync({ '../a.cif': bytes('A'), '.hidden': bytes('B') }))).toEqual({
      'FILE/../a.cif': 'A',
    })
  })
})

describe('what is not read', () => {
  const altered = (at: number, value: number) => {
    const archive = zipSync({ 'a.cif': bytes('some text') })
    archive[at] = value
    return archive
  }
  test.each([
    ['xz', Buffer.from('fd377a585a00', 'hex'), /packed by xz.*xz -d/],
    ['Zstandard', Buffer.from('28b52ffd00', 'hex'), /packed by Zstandard.*zstd -d/],
    ['7-Zip', Buffer.from('377abcaf271c', 'hex'), /packed by 7-Zip/],
    ['an empty zip archive', zipSync({}), /no file is in the zip archive/],
    ['a zip archive of hidden files', zipSync({ '.x': bytes('x') }), /no file is in the zip archive/],
    ['an empty tar archive', tar({ 'in/': '' }), /no file is in the tar archive/],
    // Bytes 6 and 8 of a local header: flags, and the method of compression, of which 14 is LZMA.
    ['an encrypted zip archive', altered(6, 1), /encrypted; unpack it first/],
    ['zip with LZMA', altered(8, 14), /a\.cif in it is compressed by method 14, expected deflate/],
    ['a pointer of Git LFS', bytes('version https://git-lfs.github.com/spec/v1\noid x\n'), /Git LFS pointer/],
    ['a page', bytes('<!DOCTYPE html><html>404</html>'), /HTML or XML page/],
  ])('%s', async (_, content, message) => {
    await expect(members(content)).rejects.toThrow(message)
  })
  test('but XML is', async () => {
    expect(await members(bytes('<?xml version="1.0"?><modeling/>'))).toEqual({
      FILE: '<?xml version="1.0"?><modeling/>',
    })
  })
})
