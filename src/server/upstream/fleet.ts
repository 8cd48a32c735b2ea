// The servers behind this one, watched: one that answers for its model, and gives what the golden samples of its card say, is
// used; one that does not any more is left out until it does again.

import type { Card } from '../../../runtimes/card.ts'
import type { ModelContent } from '../../../runtimes/evaluator.ts'
import { selfCheck } from '../../../runtimes/self-check.ts'
import { isOrdered, structure } from '../../crystal/structure.ts'
import { CrystalOnnxError, DeviceError } from '../../errors.ts'
import type { Address } from './address.ts'
import { type Board, newBoard } from './board.ts'
import { type Channel, UpstreamError } from './channel.ts'
import { type Served, upstreamEvaluate } from './evaluator.ts'
import { type Layout, layoutOf } from './layouts.ts'
import { openChannel } from './open-channel.ts'

/** How often servers are looked at, and for how long an answer is waited for, ms. */
const LOOK = { everyMs: 1000, timeoutMs: 5000 }
/** Golden samples of one that has just started may take a while. */
const CHECK_MS = 60_000
/** One that gives other numbers is not asked for them all the time. */
const WRONG_MS = 30_000

export interface FleetOptions {
  /** of the model, here and there */
  readonly name: string
  readonly addresses: readonly Address[]
  /** of a run at most */
  readonly maxAtoms: number
  /** Told of every server that begins or ends to be used, and why. */
  readonly onState: (address: string, up: boolean, why?: string) => void
}

export interface Fleet {
  readonly served: Served
  readonly board: Board
  /** Why nobody is there. @throws DeviceError when that is so */
  refuseNobody(): void
  close(): void
}

interface Server {
  readonly address: Address
  readonly channel: Channel
  /** what was told last */
  up?: boolean
  why: string
  /** when it is worth a try again */
  tryAt: number
}

/**
 * Resolves when every server was looked at, and one at least is used.
 * @param outputs that are asked for
 * @throws DeviceError when none is
 */
export async function watchedFleet(
  model: ModelContent,
  outputs: readonly string[],
  { name, addresses, maxAtoms, onState }: FleetOptions,
): Promise<Fleet> {
  const servers: Server[] = await Promise.all(
    addresses.map(async (address) => ({ address, channel: await openChannel(address), why: '', tryAt: 0 })),
  )
  const board = newBoard(servers.length)
  let served: Served | undefined
  const timers: ReturnType<typeof setTimeout>[] = []
  let closed = false

  function tell(server: Server, n: number, up: boolean, why = ''): void {
    if (closed) return
    board.set(n, up)
    if (server.up !== up || server.why !== why) onState(server.address.text, up, why || undefined)
    Object.assign(server, { up, why })
  }

  async function look(server: Server, n: number): Promise<void> {
    const { channel } = server
    try {
      if (server.up && board.isUp(n)) return await channel.ready(name, LOOK.timeoutMs)
      if (performance.now() < server.tryAt) return
      await join(channel)
      tell(server, n, true)
    } catch (error) {
      if (!(error instanceof UpstreamError || error instanceof CrystalOnnxError)) throw error
      if (!(error instanceof UpstreamError)) server.tryAt = performance.now() + WRONG_MS
      tell(server, n, false, error.message)
    }
  }

  /** @throws UpstreamError where it does not answer, DeviceError where it answers wrongly */
  async function join(channel: Channel): Promise<void> {
    await channel.ready(name, LOOK.timeoutMs)
    const described = await channel.describe(name, LOOK.timeoutMs)
    const missing = outputs.filter((output) => !described.outputs.includes(output))
    if (missing.length > 0)
      throw new DeviceError(`its model gives no ${missing.join(', ')}; export it again from the same file`)
    const layout = layoutOf(described.inputs, model)
    const { inputs } = described
    if (!layout) {
      throw new DeviceError(
        `its model takes ${inputs.join(', ')}, which is no layout of "export --to triton" for this file; export it from the same file`,
      )
    }
    refuseAnother(layout)
    const own: Served = served ?? {
      model: { card: model.card, inputs: model.inputs },
      layout,
      inputs,
      maxAtoms,
    }
    const ask = (question: Parameters<Channel['infer']>[1]) => channel.infer(name, question, CHECK_MS)
    await selfCheck(checkable(model.card, layout), {
      device: 'upstream',
      evaluate: upstreamEvaluate(own, ask),
    })
    // Meanwhile another one may have been the first.
    refuseAnother(layout)
    served ??= own
  }

  /** Threads make questions of one layout. @throws DeviceError */
  function refuseAnother(layout: Layout): void {
    if (!served || served.layout === layout) return
    throw new DeviceError(
      `its model has the layout ${layout}, and that of others ${served.layout}; export it alike`,
    )
  }

  async function watch(server: Server, n: number): Promise<void> {
    await look(server, n)
    if (!closed) timers[n] = setTimeout(watch, LOOK.everyMs, server, n).unref()
  }

  function refuseNobody(): void {
    if (board.count() > 0) return
    const reasons = servers.map(({ address, why }) => `${address.text}: ${why || 'does not answer'}`)
    throw new DeviceError(`no upstream runs ${name}. ${reasons.join('; ')}`)
  }

  function close(): void {
    closed = true
    for (const timer of timers) clearTimeout(timer)
    for (const { channel } of servers) channel.close()
  }

  try {
    await Promise.all(servers.map(watch))
    refuseNobody()
  } catch (error) {
    close()
    throw error
  }
  return { served: served!, board, refuseNobody, close }
}

/** The card with the golden samples that a layout takes. @throws DeviceError for none */
function checkable(card: Card, layout: Layout): Card {
  if (layout !== 'cells') return card
  const golden = card.golden.filter((sample) => isOrdered(structure(sample)))
  if (golden.length > 0) return { ...card, golden }
  throw new DeviceError(
    'its layout takes ordered crystals, and the file has no golden sample of one; use another layout',
  )
}
