// Chooses a server for each question: of those that are up the one with the fewest questions of this thread under way. What
// one of them cannot answer goes to another.

import { DeviceError, OverloadError } from '../../errors.ts'
import type { Tensor } from '../tensors.ts'
import type { Board } from './board.ts'
import { type Channel, type Question, UpstreamError } from './channel.ts'

/** Servers that say of a question that it has no answer, before that is believed. */
const REFUSALS = 2
/** How often questions to servers that were taken off are looked for, ms. */
const LOOK_MS = 100

export interface Dispatch {
  /** @throws UpstreamError for a question without an answer, DeviceError when nobody is there, OverloadError when all are busy */
  ask(question: Question): Promise<ReadonlyMap<string, Tensor>>
  close(): void
}

export function dispatch(
  channels: readonly Channel[],
  board: Board,
  name: string,
  timeoutMs: number,
): Dispatch {
  const underWay = channels.map(() => 0)
  /** Where equals are begun with. */
  let turn = 0
  // Of a server that hangs, the connection is still there.
  const look = setInterval(() => {
    for (const [n, channel] of channels.entries()) if (underWay[n] > 0 && !board.isUp(n)) channel.abort()
  }, LOOK_MS)
  look.unref()

  /** Undefined when all that are up were tried. */
  function next(tried: ReadonlySet<number>): number | undefined {
    turn++
    const order = channels.map((_, n) => (n + turn) % channels.length)
    const left = order.filter((n) => board.isUp(n) && !tried.has(n))
    return left.length === 0
      ? undefined
      : left.reduce((least, n) => (underWay[n] < underWay[least] ? n : least))
  }

  async function askOne(n: number, question: Question): Promise<ReadonlyMap<string, Tensor>> {
    underWay[n]++
    try {
      return await channels[n].infer(name, question, timeoutMs)
    } finally {
      underWay[n]--
    }
  }

  return {
    async ask(question) {
      const tried = new Set<number>()
      let refusals = 0
      let last: UpstreamError | undefined
      for (let n = next(tried); n !== undefined; n = next(tried)) {
        tried.add(n)
        try {
          return await askOne(n, question)
        } catch (error) {
          if (!(error instanceof UpstreamError)) throw error
          last = error
          if (error.kind === 'gone') board.set(n, false)
          if (error.kind === 'failed' && ++refusals === REFUSALS) throw error
        }
      }
      if (last?.kind === 'failed') throw last
      if (last?.kind === 'busy')
        throw new OverloadError(`every upstream is busy: ${last.message}; try again later`)
      throw new DeviceError(`no upstream answers${last ? `: ${last.message}` : ''}; try again later`, {
        cause: last,
      })
    },
    close() {
      clearInterval(look)
      for (const channel of channels) channel.close()
    },
  }
}
