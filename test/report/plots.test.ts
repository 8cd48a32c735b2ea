// Plots and pages: what is drawn, that text from outside cannot become markup, and that nothing is loaded.

import { describe, expect, it } from 'vitest'
import { cellOf } from '../../src/crystal/periodic-table.ts'
import { facts, html, page, table } from '../../src/report/html.ts'
import { lineChart, parityPlot, periodicTable } from '../../src/report/plots.ts'

const EVIL = '<script>alert("1")</script>&\''

describe('plots', () => {
  it('a line chart has a line a series, a legend, and its labels', async () => {
    const { markup } = await lineChart({
      x: 'epoch',
      y: 'MAE (eV)',
      series: [
        {
          name: 'raw',
          points: [
            [1, 3],
            [2, 2],
            [3, 1],
          ],
        },
        {
          name: 'averaged',
          points: [
            [2, 2],
            [3, 1.5],
          ],
        },
      ],
      marks: [{ x: 2, label: 'averaging' }],
      logarithmic: true,
    })
    expect(markup).toMatch(/^<svg/)
    expect(markup).not.toMatch(/^<svg[^>]* width=/)
    expect(markup.match(/aria-roledescription="line mark"/g)?.length).toBe(2)
    for (const label of ['raw', 'averaged', 'averaging', 'epoch', 'MAE (eV)'])
      expect(markup).toContain(`>${label}</text>`)
  })

  it('a parity plot has a point a crystal; with very many, a density', async () => {
    const points = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ actual: Math.sin(n), predicted: Math.cos(n) }))
    const few = await parityPlot({ quantity: 'gap', unit: 'eV', points: points(50) })
    expect(few.markup.match(/aria-roledescription="circle"/g)?.length).toBe(50)
    expect(few.markup).toContain('predicted gap (eV)')
    const many = await parityPlot({ quantity: 'gap', unit: 'eV', points: points(5000) })
    expect(many.markup).not.toContain('aria-roledescription="circle"')
    expect(many.markup.length).toBeLessThan(2e6)
  })

  it('escape text from outside', async () => {
    const line = await lineChart({
      x: EVIL,
      y: EVIL,
      series: [
        {
          name: EVIL,
          points: [
            [0, 1],
            [1, 2],
          ],
        },
      ],
    })
    const parity = await parityPlot({
      quantity: EVIL,
      unit: EVIL,
      points: [{ actual: 0, predicted: 1, name: EVIL }],
    })
    const periodic = await periodicTable({
      title: EVIL,
      elements: [{ z: 1, symbol: EVIL, value: 1, count: 1 }],
    })
    for (const { markup } of [line, parity, periodic]) expect(markup).not.toContain('<script')
  })

  it('the periodic table puts elements where they belong', () => {
    // Row and group as in any chart of the elements; f elements in rows 9 and 10.
    const places: [number, number, number][] = [
      [1, 1, 1],
      [2, 1, 18],
      [3, 2, 1],
      [5, 2, 13],
      [10, 2, 18],
      [13, 3, 13],
      [21, 4, 3],
      [30, 4, 12],
      [36, 4, 18],
      [55, 6, 1],
      [56, 6, 2],
      [57, 9, 4],
      [70, 9, 17],
      [71, 6, 3],
      [72, 6, 4],
      [86, 6, 18],
      [89, 10, 4],
      [103, 7, 3],
      [118, 7, 18],
    ]
    for (const [z, row, column] of places) expect({ z, ...cellOf(z) }).toEqual({ z, row, column })
    const cells = Array.from({ length: 118 }, (_, n) => JSON.stringify(cellOf(n + 1)))
    expect(new Set(cells).size).toBe(118)
  })
})

describe('page', () => {
  it('escapes what is interpolated, and loads and runs nothing', () => {
    const text = page({
      title: EVIL,
      lead: EVIL,
      body: [
        table([EVIL], [[EVIL, 1.23456]]),
        facts(EVIL, [[EVIL, EVIL]]),
        html`<p title="${EVIL}">${[EVIL, 2]}</p>`,
      ],
    })
    expect(text).not.toMatch(/<script|javascript:|src=|href=|@import|url\(/)
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;')
    expect(text).toContain('>1.235<')
    expect(text).toContain('prefers-color-scheme: dark')
  })
})
