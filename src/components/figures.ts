// Numbers as the page writes them.

import type { CardTarget } from '../../runtimes/card.ts'

const MINUS = '\u2212'

/**
 * A value to as many digits as an error of a hundredth or so leaves standing; of a quantity over orders of magnitude, of
 * which a logarithm was learned, a hundredth of itself.
 */
export function figure(value: number, { transform }: Pick<CardTarget, 'transform'> = {}): string {
  if (transform) return value.toPrecision(3).replace('-', MINUS)
  const digits = Math.abs(value) >= 1000 ? 1 : Math.abs(value) >= 100 ? 2 : 3
  return value.toFixed(digits).replace('-', MINUS)
}

/** 4.2 ms, 130 ms, 2.4 s */
export function duration(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`
}

/** A share as per cent: 12.3 % */
export function percent(share: number): string {
  if (share > 0 && share < 5e-5) return '< 0.01 %'
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 1)} %`
}

/** Whole numbers with a proper minus. */
export function whole(n: number): string {
  return String(n).replace('-', MINUS)
}

/** What is left of a run: 40 s left, 3 min left */
export function remaining(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s left`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min left` : `${(seconds / 3600).toFixed(1)} h left`
}

/** Names of targets as people say them. */
const WORDS: Readonly<Record<string, string>> = {
  e_form: 'Formation energy',
  formation_energy_per_atom: 'Formation energy',
  band_gap: 'Band gap',
  gap_pbe: 'Band gap (PBE)',
  insulator: 'Insulator (1) or metal (0)',
  e_hull: 'Energy above the hull',
  lattice_energy: 'Lattice energy',
}

export function quantity(name: string): string {
  const words = WORDS[name] ?? name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** Pure numbers have none. */
export function inUnit(unit: string): string {
  return unit === '1' ? '' : unit
}
