// Plots as SVG text, drawn by vega-lite without a browser. Colours read well on light and dark ground; text and axes
// take the colour of the page.

import type { TopLevelSpec } from 'vega-lite'
import { cellOf, GROUPS, PERIODS } from '../crystal/periodic-table.ts'
import { type Html, markup } from './html.ts'

export type Point = readonly [x: number, y: number]

export interface Series {
  readonly name: string
  readonly points: readonly Point[]
}

/** Told apart by the colour-blind too, and visible on white and on near-black. */
export const COLOURS = ['#3d82c4', '#e0812f', '#3a9d6f', '#b65fb0']
/** More points than this are drawn as a density, to keep the file small. */
const MANY_POINTS = 3000

const CONFIG = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    tickColor: 'currentColor',
    domainColor: 'currentColor',
    gridColor: 'currentColor',
    gridOpacity: 0.1,
    domainOpacity: 0.4,
    tickOpacity: 0.4,
    labelOpacity: 0.8,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 8,
  },
  legend: {
    labelColor: 'currentColor',
    titleColor: 'currentColor',
    labelFontSize: 12,
    labelLimit: 400,
    titleFontWeight: 'normal',
  },
  text: { color: 'currentColor' },
} as const

/** Lines over a common x axis, with vertical marks where something begins. */
export function lineChart(options: {
  readonly x: string
  readonly y: string
  readonly series: readonly Series[]
  readonly marks?: readonly { readonly x: number; readonly label: string }[]
  /** A logarithmic y axis; every value must be positive. */
  readonly logarithmic?: boolean
}): Promise<Html> {
  const { series, marks = [] } = options
  const values = series.flatMap(({ name, points }) => points.map(([x, y]) => ({ name, x, y })))
  const y = {
    field: 'y',
    type: 'quantitative' as const,
    title: options.y,
    scale: options.logarithmic
      ? { type: 'log' as const, nice: false, domain: padded(values.map((value) => value.y)) }
      : { zero: false },
    axis: { tickCount: 6, ...(options.logarithmic && { format: '~g' }) },
  }
  return draw({
    width: 440,
    height: 280,
    layer: [
      {
        data: { values: marks },
        encoding: { x: { field: 'x', type: 'quantitative' } },
        layer: [
          { mark: { type: 'rule', strokeDash: [4, 4], color: 'currentColor', opacity: 0.5 } },
          {
            mark: { type: 'text', align: 'left', baseline: 'top', dx: 4, fontSize: 11, opacity: 0.8, y: 0 },
            encoding: { text: { field: 'label' } },
          },
        ],
      },
      {
        data: { values },
        mark: { type: 'line', strokeWidth: 2, interpolate: 'linear', point: values.length < 20 },
        encoding: {
          x: {
            field: 'x',
            type: 'quantitative',
            title: options.x,
            scale: { nice: false },
            axis: { grid: false, tickMinStep: 1, tickCount: 8 },
          },
          y,
          color: {
            field: 'name',
            type: 'nominal',
            scale: { domain: series.map(({ name }) => name), range: COLOURS },
            legend: series.length > 1 ? { title: null, orient: 'bottom', symbolStrokeWidth: 3 } : null,
          },
        },
      },
    ],
  })
}

/** A domain on a logarithmic axis that leaves a little room on both sides. */
function padded(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), 0)
  const room = Math.max(1.05, (high / low) ** 0.05)
  return [low / room, high * room]
}

/** Predicted against actual values, with the line on which they agree. `quantity` and `unit` name both axes. */
export function parityPlot(options: {
  readonly quantity: string
  readonly unit: string
  readonly points: readonly { readonly actual: number; readonly predicted: number; readonly name?: string }[]
}): Promise<Html> {
  const { points, quantity, unit } = options
  const all = points.flatMap(({ actual, predicted }) => [actual, predicted])
  const low = all.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = all.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const margin = 0.04 * (high - low || 1)
  const domain = [low - margin, high + margin]
  const axis = (field: string, kind: string) => ({
    field,
    type: 'quantitative' as const,
    title: `${kind} ${quantity} (${unit})`,
    scale: { domain, nice: false },
    axis: { tickCount: 6 },
  })
  const many = points.length > MANY_POINTS
  const bins = { bin: { extent: domain as [number, number], maxbins: 90 } }
  const encoding = { x: axis('actual', 'actual'), y: axis('predicted', 'predicted') }
  return draw({
    width: 330,
    height: 330,
    layer: [
      {
        data: {
          values: [
            { actual: domain[0], predicted: domain[0] },
            { actual: domain[1], predicted: domain[1] },
          ],
        },
        mark: { type: 'line', color: 'currentColor', opacity: 0.5, strokeWidth: 1, strokeDash: [4, 4] },
        encoding,
      },
      many
        ? {
            data: { values: points },
            mark: { type: 'rect' },
            encoding: {
              x: { ...encoding.x, ...bins },
              y: { ...encoding.y, ...bins },
              color: {
                aggregate: 'count',
                type: 'quantitative',
                scale: { type: 'log', scheme: 'viridis' },
                legend: { title: 'crystals', orient: 'right' },
              },
            },
          }
        : {
            data: { values: points },
            mark: { type: 'circle', color: COLOURS[0], opacity: points.length > 300 ? 0.45 : 0.7, size: 28 },
            encoding,
          },
    ],
  })
}

/** Counts of values in equal bins. */
export function histogram(options: {
  readonly x: string
  readonly y: string
  readonly values: readonly number[]
}): Promise<Html> {
  return draw({
    width: 440,
    height: 280,
    data: { values: options.values.map((value) => ({ value })) },
    mark: { type: 'bar', color: COLOURS[0], binSpacing: 1 },
    encoding: {
      x: { field: 'value', type: 'quantitative', bin: { maxbins: 40 }, title: options.x },
      y: { aggregate: 'count', type: 'quantitative', title: options.y },
    },
  })
}

/** The same, of values that were counted before. */
export function countedHistogram(options: {
  readonly x: string
  readonly y: string
  readonly bins: readonly { readonly from: number; readonly to: number; readonly count: number }[]
}): Promise<Html> {
  return draw({
    width: 440,
    height: 280,
    data: { values: options.bins },
    mark: { type: 'bar', color: COLOURS[0], binSpacing: 1 },
    encoding: {
      x: { field: 'from', type: 'quantitative', bin: { binned: true }, title: options.x },
      x2: { field: 'to' },
      y: { field: 'count', type: 'quantitative', title: options.y },
    },
  })
}

/** Horizontal bars, in the given order. */
export function barChart(options: {
  readonly x: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
}): Promise<Html> {
  return draw({
    width: 380,
    height: { step: 22 },
    data: { values: options.bars.map(({ name, value }) => ({ name, value })) },
    mark: { type: 'bar', color: COLOURS[0], cornerRadiusEnd: 2 },
    encoding: {
      x: { field: 'value', type: 'quantitative', title: options.x, axis: { tickCount: 5 } },
      y: { field: 'name', type: 'nominal', sort: null, title: null, axis: { ticks: false, domain: false } },
    },
  })
}

/** Elements that the empty table shows. */
const LAST_ELEMENT = 103

/** A value for each element, as colours of the periodic table. `count` is shown in small under the symbol. */
export function periodicTable(options: {
  readonly title: string
  readonly elements: readonly {
    readonly z: number
    readonly symbol: string
    readonly value: number
    readonly count: number
  }[]
}): Promise<Html> {
  const values = options.elements.map((element) => ({ ...element, ...cellOf(element.z) }))
  const position = {
    x: { field: 'column', type: 'ordinal' as const, scale: { domain: GROUPS, padding: 0.06 }, axis: null },
    y: { field: 'row', type: 'ordinal' as const, scale: { domain: PERIODS, padding: 0.06 }, axis: null },
  }
  // Dark text on the light end of the scale and the other way round.
  const largest = values.reduce((most, { value }) => Math.max(most, value), 0)
  const ink = { condition: { test: `datum.value > ${0.55 * largest}`, value: '#fff' }, value: '#10222f' }
  const count = { field: 'count', type: 'quantitative' as const }
  const ground = Array.from({ length: LAST_ELEMENT }, (_, n) => cellOf(n + 1))
  return draw({
    width: 900,
    height: 440,
    layer: [
      {
        data: { values: ground },
        mark: { type: 'rect', cornerRadius: 3, color: 'currentColor', opacity: 0.06 },
        encoding: position,
      },
      {
        data: { values },
        mark: { type: 'rect', cornerRadius: 3 },
        encoding: {
          ...position,
          color: {
            field: 'value',
            type: 'quantitative',
            scale: { range: ['#e3eef7', '#8fbfe0', '#2f7fb8', '#0b3f6b'], domainMin: 0, interpolate: 'lab' },
            // In the room between hydrogen and helium.
            legend: {
              title: options.title,
              orient: 'none',
              direction: 'horizontal',
              legendX: 160,
              legendY: 8,
              gradientLength: 300,
              gradientThickness: 10,
            },
          },
        },
      },
      {
        data: { values },
        mark: { type: 'text', fontSize: 15, dy: -3 },
        encoding: { ...position, text: { field: 'symbol' }, color: ink },
      },
      {
        data: { values },
        mark: { type: 'text', fontSize: 9, dy: 11, opacity: 0.85 },
        encoding: { ...position, text: count, color: ink },
      },
    ],
  })
}

/** Takes any object: vega-lite's own types refuse readonly data. */
export async function draw(spec: object): Promise<Html> {
  // Loaded when the first plot is drawn: together they take half a second.
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const compiled = compile({ ...spec, config: CONFIG } as TopLevelSpec)
  const view = new vega.View(vega.parse(compiled.spec), { renderer: 'none', logLevel: vega.Error })
  const svg = await view.toSVG()
  view.finalize()
  // The page sets the width; the viewBox keeps the proportions.
  return markup(svg.replace(/ width="[\d.]+" height="[\d.]+"/, ''))
}
