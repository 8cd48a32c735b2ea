// The errors of a training by epoch, on what it learns from and on what it is tuned on.

import { across, FRAME, INNER, plot, range, svg, up } from '../plots/axes.ts'
import type { Epoch } from './protocol.ts'

/** Share of the height. */
const HEADROOM = 0.25

/** @param title of the errors, with their unit */
export function curve(epochs: readonly Epoch[], title: string): SVGSVGElement | undefined {
  const errors = epochs.flatMap(({ train, val }) => [train, val].filter((error) => error !== null))
  const ends = range([0, ...errors])
  if (!ends || errors.length === 0) return undefined
  // With room for the names above the curves.
  const y: readonly [number, number] = [ends[0], ends[1] + HEADROOM * (ends[1] - ends[0])]
  const x: readonly [number, number] = [1, Math.max(2, epochs[0].epochs)]
  const line = (name: string, of: (epoch: Epoch) => number | null) => {
    const points = epochs.flatMap((epoch) => {
      const error = of(epoch)
      return error === null ? [] : [`${across(epoch.epoch, x).toFixed(1)},${up(error, y).toFixed(1)}`]
    })
    return svg('polyline', { class: `curve ${name}`, points: points.join(' ') })
  }
  const key = (n: number, name: string, text: string) => {
    const at = FRAME.left + INNER.width - 86
    const height = FRAME.top + 10 + 15 * n
    return svg(
      'g',
      {},
      svg('line', { class: `curve ${name}`, x1: at, x2: at + 16, y1: height - 4, y2: height - 4 }),
      svg('text', { x: at + 21, y: height }, text),
    )
  }
  const last = epochs.at(-1)!
  return plot(
    `Errors by epoch, ${epochs.length} of ${last.epochs}: on held-out crystals ${last.val?.toPrecision(3) ?? 'unknown'}`,
    { range: x, title: 'epoch' },
    { range: y, title },
    line('train', ({ train }) => train),
    line('val', ({ val }) => val),
    key(0, 'train', 'learned from'),
    key(1, 'val', 'held out'),
  )
}
