// The crystal as an SVG picture, for print: spheres as circles with some light, bonds and edges as lines, far ones first,
// all in parallel projection.

import { toCartesian } from '../crystal/cell.ts'
import type { Vec3 } from '../math/vectors.ts'
import { elementColour } from './colours.ts'
import type { DrawnCrystal } from './drawn.ts'
import { atomRadius } from './expand.ts'
import { type Quaternion, rotated } from './fit.ts'
import type { Wedge } from './wedges.ts'

/** Å around everything; and pixels an ångström. */
const ROOM = 1
const SCALE = 40

interface Piece {
  /** Å towards the eye */
  readonly depth: number
  readonly markup: string
}

export function picture(crystal: DrawnCrystal, turn: Quaternion): string {
  const { atoms, bonds, lattice, cells, wedges, names } = crystal
  const seen = (position: Vec3) => {
    const [x, y, z] = rotated(position, turn)
    return { x: SCALE * x, y: -SCALE * y, z }
  }
  const at = atoms.map(({ position }) => seen(position))
  const corners = [0, 1, 2].flatMap((m) =>
    [0, cells].flatMap((p) =>
      [0, cells].map((q) => {
        const from: [number, number, number] = [0, 0, 0]
        from[(m + 1) % 3] = p
        from[(m + 2) % 3] = q
        const to: [number, number, number] = [...from]
        to[m] = cells
        return [seen(toCartesian(from, lattice)), seen(toCartesian(to, lattice))] as const
      }),
    ),
  )
  const line = (p: Seen, q: Seen, width: number, stroke: string): Piece => ({
    depth: (p.z + q.z) / 2,
    markup: `<path d="M${n(p.x)} ${n(p.y)}L${n(q.x)} ${n(q.y)}" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round"/>`,
  })
  const pieces: Piece[] = [
    ...corners.map(([p, q]) => line(p, q, 1.2, '#8795a3')),
    ...bonds.flatMap(([i, j]) => {
      const middle = { x: (at[i].x + at[j].x) / 2, y: (at[i].y + at[j].y) / 2, z: (at[i].z + at[j].z) / 2 }
      return [i, j].map((k) => line(at[k], middle, 6, elementColour(atoms[k].element)))
    }),
    ...atoms.map(({ site, element }, k): Piece => {
      const { x, y, z } = at[k]
      const r = SCALE * atomRadius(element)
      const parts = wedges.get(site)?.map((wedge) => sector(x, y, r, wedge)) ?? [
        disc(x, y, r, elementColour(element)),
      ]
      const name = names ? `<text x="${n(x)}" y="${n(y + 4)}">${names[site]}</text>` : ''
      return { depth: z, markup: `${parts.join('')}${disc(x, y, r, 'url(#light)')}${name}` }
    }),
  ].sort((a, b) => a.depth - b.depth)
  const points = [...at, ...corners.flat()]
  const ends = (of: (p: Seen) => number) => [Math.min(...points.map(of)), Math.max(...points.map(of))]
  const [[left, right], [top, bottom]] = [ends(({ x }) => x), ends(({ y }) => y)]
  const room = SCALE * ROOM
  const box = [left - room, top - room, right - left + 2 * room, bottom - top + 2 * room].map(n).join(' ')
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" font-family="sans-serif" font-size="12" text-anchor="middle" fill="none">` +
    '<radialGradient id="light" cx=".35" cy=".3" r=".75"><stop offset="0" stop-color="#fff" stop-opacity=".75"/>' +
    '<stop offset=".5" stop-color="#fff" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".4"/></radialGradient>' +
    `<style>text{fill:#111}</style>${pieces.map(({ markup }) => markup).join('')}</svg>`
  )
}

interface Seen {
  readonly x: number
  readonly y: number
  readonly z: number
}

const n = (x: number) => String(Math.round(10 * x) / 10)

function disc(x: number, y: number, r: number, fill: string): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"/>`
}

function sector(x: number, y: number, r: number, { element, from, to }: Wedge): string {
  const fill = element === undefined ? '#f4f4f4' : elementColour(element)
  if (to - from > 0.999) return disc(x, y, r, fill)
  const [p, q] = [from, to].map((share) => {
    const angle = 2 * Math.PI * share - Math.PI / 2
    return `${n(x + r * Math.cos(angle))} ${n(y + r * Math.sin(angle))}`
  })
  return `<path d="M${n(x)} ${n(y)}L${p}A${n(r)} ${n(r)} 0 ${to - from > 0.5 ? 1 : 0} 1 ${q}Z" fill="${fill}"/>`
}
