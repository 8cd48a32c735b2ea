// Phase diagrams: the convex hull over two elements as a line under points, over three as a triangle with tie lines.

import type { Html } from './html.ts'
import { COLOURS, draw } from './plots.ts'

/** A phase as it is drawn. */
export interface DiagramPoint {
  readonly formula: string
  /** Atomic fractions of the elements of the diagram, in their order. */
  readonly fractions: readonly number[]
  /** Formation energy, eV/atom. */
  readonly energy: number
  /** Above the hull, eV/atom; 0 on it. */
  readonly above: number
  /** Whether it was asked about, rather than being there to compare with. */
  readonly isAsked: boolean
}

interface Diagram {
  /** Symbols. */
  readonly elements: readonly string[]
  readonly points: readonly DiagramPoint[]
  /** Stable phases that touch. */
  readonly lines: readonly (readonly [DiagramPoint, DiagramPoint])[]
}

const [ASKED, KNOWN] = ['asked about', 'references']
const ORIGIN = {
  field: 'origin',
  type: 'nominal',
  scale: { domain: [ASKED, KNOWN], range: [COLOURS[1], COLOURS[0]] },
  legend: { title: null, orient: 'bottom' },
} as const
/** Height of a triangle of side 1. */
const HEIGHT = Math.sqrt(3) / 2

/** Energies over the share of the second element. */
export function binaryHull({ elements, points, lines }: Diagram): Promise<Html> {
  const x = {
    field: 'x',
    type: 'quantitative',
    title: `share of ${elements[1]}`,
    scale: { domain: [0, 1] },
  } as const
  const y = {
    field: 'y',
    type: 'quantitative',
    title: 'formation energy (eV/atom)',
    scale: { zero: true },
  } as const
  const place = ({ fractions, energy }: DiagramPoint) => ({ x: fractions[1], y: energy })
  return draw({ width: 440, height: 300, layer: diagram({ x, y }, place, points, lines) })
}

/** The triangle of three elements: the first at the left, the second at the right, the third on top. */
export function ternaryHull({ elements, points, lines }: Diagram): Promise<Html> {
  const x = {
    field: 'x',
    type: 'quantitative',
    axis: null,
    scale: { domain: [-0.08, 1.08], nice: false },
  } as const
  const y = {
    field: 'y',
    type: 'quantitative',
    axis: null,
    scale: { domain: [-0.08, 0.96], nice: false },
  } as const
  const place = ({ fractions: [, right, top] }: Pick<DiagramPoint, 'fractions'>) => ({
    x: right + top / 2,
    y: HEIGHT * top,
  })
  const corners = elements.map((symbol, n) => ({
    symbol,
    ...place({ fractions: elements.map((_, m) => (m === n ? 1 : 0)) }),
  }))
  const sides = corners.map((from, n) => {
    const to = corners[(n + 1) % 3]
    return { x: from.x, y: from.y, x2: to.x, y2: to.y }
  })
  return draw({
    width: 440,
    height: 394,
    layer: [
      {
        data: { values: sides },
        mark: { type: 'rule', color: 'currentColor', opacity: 0.35 },
        encoding: { x, y, x2: { field: 'x2' }, y2: { field: 'y2' } },
      },
      ...diagram({ x, y }, place, points, lines),
    ],
  })
}

function diagram(
  axes: { readonly x: object; readonly y: object },
  place: (point: DiagramPoint) => { readonly x: number; readonly y: number },
  points: readonly DiagramPoint[],
  lines: Diagram['lines'],
): object[] {
  const drawn = points.map((point) => ({
    ...place(point),
    origin: point.isAsked ? ASKED : KNOWN,
    formula: point.formula,
    isStable: point.above === 0,
  }))
  const ties = lines.map(([a, b]) => ({ ...place(a), x2: place(b).x, y2: place(b).y }))
  const stable = [
    ...new Map(drawn.filter(({ isStable }) => isStable).map((point) => [point.formula, point])).values(),
  ]
  const color = ORIGIN
  return [
    {
      data: { values: ties },
      mark: { type: 'rule', color: 'currentColor', strokeWidth: 1.5, opacity: 0.7 },
      encoding: { ...axes, x2: { field: 'x2' }, y2: { field: 'y2' } },
    },
    {
      data: { values: drawn.filter(({ isStable }) => !isStable) },
      mark: { type: 'point', strokeWidth: 1.5, opacity: 0.7, size: 36 },
      encoding: { ...axes, color },
    },
    {
      data: { values: stable },
      mark: { type: 'circle', opacity: 1, size: 70 },
      encoding: { ...axes, color },
    },
    {
      data: { values: stable },
      mark: { type: 'text', dy: 13, fontSize: 11 },
      encoding: { ...axes, text: { field: 'formula' } },
    },
  ]
}
