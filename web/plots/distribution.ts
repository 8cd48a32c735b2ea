// How the predicted values are spread: a histogram. A bar that is clicked shows its structures alone.

import { across, plot, range, svg, up } from './axes.ts'

export interface Histogram {
  readonly range: readonly [number, number]
  readonly counts: readonly number[]
}

const MOST_BINS = 40

/** Bins as many as the root of the number of values, at most 40. */
export function histogram(values: readonly number[]): Histogram | undefined {
  const whole = range(values)
  if (!whole) return undefined
  const bins = Math.max(5, Math.min(MOST_BINS, Math.round(Math.sqrt(values.length))))
  const counts = Array(bins).fill(0)
  for (const value of values) {
    counts[Math.min(bins - 1, Math.floor((bins * (value - whole[0])) / (whole[1] - whole[0])))]++
  }
  return { range: whole, counts }
}

export function distribution(
  { range, counts }: Histogram,
  title: string,
  choose: (range: readonly [number, number]) => void,
): SVGSVGElement {
  const most = Math.max(...counts)
  const heights: readonly [number, number] = [0, most]
  const end = (n: number) => range[0] + ((range[1] - range[0]) * n) / counts.length
  const bars = counts.map((count, n) => {
    const [left, right, top] = [across(end(n), range), across(end(n + 1), range), up(count, heights)]
    const bar = svg('rect', {
      ...{ class: 'bar-of-values', x: left + 0.5, width: Math.max(0.5, right - left - 1) },
      ...{ y: top, height: up(0, heights) - top },
    })
    bar.append(svg('title', {}, `${count} from ${end(n).toPrecision(4)} to ${end(n + 1).toPrecision(4)}`))
    bar.addEventListener('click', () => choose([end(n), end(n + 1)]))
    return bar
  })
  const total = counts.reduce((sum, count) => sum + count, 0)
  const label = `Distribution of ${total} values of ${title}, from ${range[0].toPrecision(3)} to ${range[1].toPrecision(3)}`
  return plot(label, { range, title }, { range: heights, title: 'structures' }, ...bars)
}
