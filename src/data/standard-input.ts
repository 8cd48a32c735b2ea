// Standard input as a file: its beginning can be looked at before it is read.

import process from 'node:process'

/** What was looked at, and not read yet. */
let beginning = Buffer.alloc(0)

/** The first bytes, so many or all that there are; they are still to be read. */
export async function beginningOfInput(bytes: number): Promise<Buffer> {
  const pieces = [beginning]
  let length = beginning.length
  if (!process.stdin.readableEnded) {
    for await (const piece of process.stdin.iterator({ destroyOnReturn: false })) {
      pieces.push(piece)
      length += piece.length
      if (length >= bytes) break
    }
  }
  beginning = Buffer.concat(pieces)
  return beginning
}

/** All of it. */
export async function* standardInput(): AsyncGenerator<Buffer> {
  const first = beginning
  beginning = Buffer.alloc(0)
  if (first.length > 0) yield first
  if (!process.stdin.readableEnded) yield* process.stdin
}
