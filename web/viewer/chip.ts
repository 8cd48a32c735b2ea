// A dot in the colour of an element, beside its symbol.

import { element } from '../dom.ts'
import { elementColour } from './colours.ts'

export function chip(atomicNumber: number): HTMLElement {
  const dot = element('span', { class: 'chip', 'aria-hidden': 'true' })
  dot.style.setProperty('--chip', elementColour(atomicNumber))
  return dot
}
