// Axes of the page's plots: round numbers along a range, and SVG that takes its colours from the style sheet.

/** Round numbers within a range, about `count` of them; the ends too where there is one number only. */
export function ticks(low: number, high: number, count = 5): number[] {
  const rough = (high - low) / count
  if (!(rough > 0) || !Number.isFinite(rough)) return [low]
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough)!
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)))
}

/** A tick as it is written. */
export function tickText(value: number): string {
  const size = Math.abs(value)
  const text = size !== 0 && (size >= 1e5 || size < 1e-3) ? value.toExponential(0) : String(value)
  return text.replace('-', '\u2212')
}

/** A range that is none, of one value, made into one around it. */
export function range(values: Iterable<number>): readonly [number, number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (!(low <= high)) return undefined
  const pad = low === high ? Math.max(1e-3, 0.05 * Math.abs(low)) : 0
  return [low - pad, high + pad]
}

const SVG = 'http://www.w3.org/2000/svg'

/** An element of SVG; text goes in as text. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.append(...children)
  return made
}

/** Room around a plot for ticks and titles, in the units of its view box. */
export const FRAME = { width: 360, height: 250, left: 52, right: 12, top: 10, bottom: 42 } as const
export const INNER = {
  width: FRAME.width - FRAME.left - FRAME.right,
  height: FRAME.height - FRAME.top - FRAME.bottom,
} as const

/** Where a value stands along the width, or up the height. */
export const across = (value: number, [low, high]: readonly [number, number]) =>
  FRAME.left + (INNER.width * (value - low)) / (high - low)
export const up = (value: number, [low, high]: readonly [number, number]) =>
  FRAME.top + INNER.height * (1 - (value - low) / (high - low))

/** A plot: axes with ticks and titles, and what is drawn within them. */
export function plot(
  label: string,
  x: { readonly range: readonly [number, number]; readonly title: string },
  y: { readonly range: readonly [number, number]; readonly title: string },
  ...content: readonly Node[]
): SVGSVGElement {
  const bottom = FRAME.top + INNER.height
  const grid = ticks(...y.range, 4).map((value) => {
    const at = up(value, y.range)
    return svg(
      'g',
      {},
      svg('line', { class: 'grid', x1: FRAME.left, x2: FRAME.left + INNER.width, y1: at, y2: at }),
      svg('text', { x: FRAME.left - 6, y: at + 3.5, 'text-anchor': 'end' }, tickText(value)),
    )
  })
  const below = ticks(...x.range, 5).map((value) => {
    const at = across(value, x.range)
    return svg('text', { x: at, y: bottom + 15, 'text-anchor': 'middle' }, tickText(value))
  })
  const middle = FRAME.top + INNER.height / 2
  return svg(
    'svg',
    { class: 'plot', viewBox: `0 0 ${FRAME.width} ${FRAME.height}`, role: 'img', 'aria-label': label },
    ...grid,
    ...below,
    svg('line', { class: 'axis', x1: FRAME.left, x2: FRAME.left + INNER.width, y1: bottom, y2: bottom }),
    ...content,
    svg('text', { x: FRAME.left + INNER.width / 2, y: FRAME.height - 8, 'text-anchor': 'middle' }, x.title),
    svg('text', { transform: `translate(12 ${middle}) rotate(-90)`, 'text-anchor': 'middle' }, y.title),
  )
}
