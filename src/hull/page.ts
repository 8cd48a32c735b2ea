// The report of `hull` as one HTML page: what was asked about, and a phase diagram of every system of two or three elements.

import { symbolOf } from '../crystal/elements.ts'
import { figure, type Html, html, page, section, sideBySide, table, tiles } from '../report/html.ts'
import { binaryHull, type DiagramPoint, ternaryHull } from '../report/hull-plots.ts'
import { type Hull, type Phase, tieLines } from './hull.ts'
import type { Verdict } from './judge.ts'

/** A crystal that was asked about. */
export interface Asked {
  /** File and number, or id. */
  readonly name: string
  readonly phase: Phase
  readonly verdict: Verdict
}

/** Diagrams and rows that a page has at most. */
const [MAX_DIAGRAMS, MAX_ROWS] = [24, 1000]

export async function hullPage(hull: Hull, asked: readonly Asked[]): Promise<string> {
  const systems = new Map(asked.map(({ phase }) => [systemKey(phase), [...phase.fractions.keys()]]))
  const drawable = [...systems.values()].filter(({ length }) => length === 2 || length === 3)
  const stable = asked.filter(({ verdict }) => verdict.above === 0).length
  const figures: Html[] = []
  for (const elements of drawable.slice(0, MAX_DIAGRAMS)) figures.push(await diagram(hull, elements, asked))
  const left = drawable.length - figures.length
  return page({
    title: 'Energy above hull',
    lead: 'Formation energies on the convex hull of their chemical systems. What is on it is stable against everything it is compared with here, at 0 K; what is above it gains that much by decomposing.',
    body: [
      tiles([
        { label: 'Crystals', value: String(asked.length) },
        { label: 'Stable', value: String(stable), note: 'on the hull' },
        { label: 'Systems', value: String(systems.size) },
      ]),
      section('Crystals', crystals(asked)),
      ...(figures.length > 0 ? [section('Phase diagrams', sideBySide(...figures))] : []),
      ...(left > 0 ? [html`<p>… and ${left} more systems of two or three elements.</p>`] : []),
    ],
  })
}

function crystals(asked: readonly Asked[]): Html {
  const sorted = asked.toSorted((a, b) => a.verdict.above - b.verdict.above)
  const rows = sorted
    .slice(0, MAX_ROWS)
    .map(({ name, phase, verdict }) => [
      name,
      phase.formula,
      phase.energy.toFixed(3),
      verdict.above.toFixed(3) + shownInterval(verdict),
      verdict.above === 0 ? 'stable' : mixture(verdict),
    ])
  const more = asked.length > MAX_ROWS ? html`<p>… and ${asked.length - MAX_ROWS} more.</p>` : ''
  return html`${table(['crystal', 'formula', 'formation energy, eV/atom', 'above hull, eV/atom', 'decomposes into'], rows)}${more}`
}

/** `0.67 NaCl + 0.33 Na`, shares of the atoms. */
export function mixture({ decomposition }: Verdict): string {
  return decomposition.map(({ formula, amount }) => `${amount.toFixed(2)} ${formula}`).join(' + ')
}

/** ` (0.00 to 0.12)`, or nothing. */
export function shownInterval({ interval }: Verdict): string {
  return interval ? ` (${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : ''
}

async function diagram(hull: Hull, system: readonly number[], asked: readonly Asked[]): Promise<Html> {
  const elements = system.toSorted((a, b) => a - b)
  const phases = hull.within(elements)
  const mine = new Set(asked.map(({ phase }) => phase))
  const points = new Map<Phase, DiagramPoint>(
    phases.map((phase) => [
      phase,
      {
        formula: phase.formula,
        fractions: elements.map((z) => phase.fractions.get(z) ?? 0),
        energy: phase.energy,
        above: hull.above(phase),
        isAsked: mine.has(phase),
      },
    ]),
  )
  const stable = phases.filter((phase) => points.get(phase)!.above === 0)
  const symbols = elements.map(symbolOf)
  const drawing = {
    elements: symbols,
    points: [...points.values()],
    lines: tieLines(hull, stable).map(([a, b]) => [points.get(a)!, points.get(b)!] as const),
  }
  const svg = await (elements.length === 2 ? binaryHull(drawing) : ternaryHull(drawing))
  const names = [...new Set(stable.map(({ formula }) => formula))].join(', ')
  return figure(svg, `${symbols.join('–')}. Stable: ${names}.`)
}

function systemKey({ fractions }: Phase): string {
  return [...fractions.keys()].sort((a, b) => a - b).join()
}
