// The sites of the crystal as a row of radio buttons: the way to an atom without a mouse.

import { chip } from '../../src/components/chip.ts'
import { element, fill } from '../../src/components/dom.ts'
import { siteName } from '../../src/viewer/colours.ts'
import { mainElement } from '../../src/viewer/expand.ts'
import { part } from '../part.ts'
import { type PageStore, selectedEntry } from '../state.ts'

/** More buttons than this help nobody; the atoms in the 3D view can still be clicked. */
const SHOWN = 200

export function siteList(store: PageStore): void {
  const list = part('sites')
  store.watch(['selected', 'crystals'], (state) => {
    const structure = selectedEntry(state)?.structure
    part('sites-field').hidden = !structure
    const key = structure ? String(state.selected) : ''
    if (list.dataset.entry === key) return
    list.dataset.entry = key
    const sites = structure ? [...structure.frac.keys()].slice(0, SHOWN) : []
    fill(
      list,
      ...(structure ? [option(store, undefined)] : []),
      ...sites.map((site) => option(store, site, mainElement(structure!, site))),
    )
  })
  store.watch(['atom', 'selected'], ({ atom }) => {
    list.querySelectorAll('input').forEach((input) => {
      input.checked = input.value === String(atom ?? '')
    })
  })
}

function option(store: PageStore, site: number | undefined, atomicNumber = 0): HTMLElement {
  const input = element('input', {
    type: 'radio',
    name: 'site',
    value: site ?? '',
    checked: site === undefined,
  })
  input.addEventListener('change', () => store.update({ atom: site, pointed: undefined }))
  const name = site === undefined ? 'none' : siteName(atomicNumber, site)
  return element(
    'label',
    {},
    input,
    site === undefined ? undefined : chip(atomicNumber),
    element('span', {}, name),
  )
}
