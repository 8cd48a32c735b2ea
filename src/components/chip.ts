// A dot in the colour of an element, beside its symbol.

import { elementColour } from '../viewer/colours.ts'
import { element } from './dom.ts'

export function chip(atomicNumber: number): HTMLElement {
  const dot = element('span', { class: 'chip', 'aria-hidden': 'true' })
  dot.style.setProperty('--chip', elementColour(atomicNumber))
  return dot
}
