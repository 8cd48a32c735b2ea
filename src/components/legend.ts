// Which colour is which element, below the view; of mixed sites, what is on them.

import { symbolOf } from '../crystal/elements.ts'
import { composition } from '../crystal/formula.ts'
import type { Structure } from '../crystal/structure.ts'
import { elementColour } from '../viewer/colours.ts'
import { isMixed } from '../viewer/expand.ts'
import { type Wedge, wedgesOf } from '../viewer/wedges.ts'
import { chip } from './chip.ts'
import { element } from './dom.ts'
import { percent } from './figures.ts'

/** Kinds of mixed sites that are listed. */
const KINDS = 4

/** Items of a list. */
export function legendOf(structure: Structure): HTMLElement[] {
  const elements = [...composition(structure).keys()].map((z) => element('li', {}, chip(z), symbolOf(z)))
  const kinds = new Map<string, HTMLElement>()
  let vacant = false
  for (const site of structure.species.filter(isMixed)) {
    const wedges = wedgesOf(site)
    vacant ||= wedges.some(({ element }) => element === undefined)
    const shares = wedges.map(shareText)
    const key = shares.join()
    if (kinds.size === KINDS || kinds.has(key)) continue
    const named = wedges.map((wedge, n) =>
      element('span', { class: 'share' }, colourOf(wedge), shares[n] + (n < wedges.length - 1 ? ', ' : '')),
    )
    kinds.set(key, element('li', { class: 'mixed' }, pie(wedges), ...named))
  }
  const empty = vacant ? [element('li', {}, colourOf({ element: undefined }), 'vacant')] : []
  return [...elements, ...empty, ...kinds.values()]
}

function shareText({ element, from, to }: Wedge): string {
  // Without what the difference of two sums has more than the file.
  const share = Number((to - from).toFixed(6))
  return `${element === undefined ? 'vacant' : symbolOf(element)} ${percent(share)}`
}

function colourOf({ element: occupant }: Pick<Wedge, 'element'>): HTMLElement {
  return occupant === undefined
    ? element('span', { class: 'chip vacant', 'aria-hidden': 'true' })
    : chip(occupant)
}

/** What the sphere of such a site looks like. */
function pie(wedges: readonly Wedge[]): HTMLElement {
  const dot = element('span', { class: 'chip pie', 'aria-hidden': 'true' })
  const turns = wedges.map(({ element, from, to }) => {
    const colour = element === undefined ? 'var(--view-vacant)' : elementColour(element)
    return `${colour} ${(100 * from).toFixed(2)}% ${(100 * to).toFixed(2)}%`
  })
  dot.style.background = `conic-gradient(${turns.join(', ')})`
  return dot
}
