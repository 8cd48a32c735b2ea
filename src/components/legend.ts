// Which colour is which element, below the view; of mixed sites, what is on them.

import { symbolOf } from '../crystal/elements.ts'
import { composition } from '../crystal/formula.ts'
import type { Structure } from '../crystal/structure.ts'
import { isMixed } from '../viewer/expand.ts'
import { wedgesOf } from '../viewer/wedges.ts'
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
    const text = wedges
      .map(
        ({ element, from, to }) =>
          `${element === undefined ? 'vacant' : symbolOf(element)} ${percent(to - from)}`,
      )
      .join(', ')
    if (kinds.size < KINDS) kinds.set(text, element('li', { class: 'mixed' }, text))
  }
  const empty = vacant ? [element('li', {}, element('span', { class: 'chip vacant' }), 'vacant')] : []
  return [...elements, ...empty, ...kinds.values()]
}
