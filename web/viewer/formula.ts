// A formula as chemists write it, with its counts below the line; and the symbol of a space group.

import { element } from '../../src/components/dom.ts'

/** `TiO2` with the 2 as a subscript. */
export function formulaNode(formula: string): HTMLElement {
  const parts = formula.split(/(\d+(?:\.\d+)?)/)
  return element(
    'span',
    { class: 'formula' },
    ...parts.map((text, n) => (n % 2 === 1 ? element('sub', {}, text) : text)),
  )
}

/** `P 4_2/m n m` with the 2 as a subscript, and `-3` as 3 with a bar above. */
export function spaceGroupNode(symbol: string): HTMLElement {
  const parts = symbol.replace(/\s+/g, '').split(/(-\d|_\d)/)
  return element(
    'span',
    { class: 'space-group' },
    ...parts.map((text) => {
      if (/^_\d$/.test(text)) return element('sub', {}, text.slice(1))
      return /^-\d$/.test(text) ? `${text.slice(1)}\u0305` : text
    }),
  )
}
