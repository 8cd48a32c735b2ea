// What a look at a data set can find, and what is kept of a crystal to find it. Problems spoil a training or its errors,
// notes are worth a look.

import { symbolOf } from '../../crystal/elements.ts'
import type { Split } from '../labelled.ts'
import type { Fingerprint } from './fingerprint.ts'

/** What is kept of one crystal. */
export interface Observation {
  readonly id: string
  readonly split: Split | undefined
  readonly formula: string
  readonly sites: number
  readonly elements: readonly number[]
  readonly ordered: boolean
  readonly targets: Readonly<Record<string, number>>
  /** Undefined for a cell that none can be computed for. */
  readonly fingerprint: Fingerprint | undefined
}

/** Something that is wrong with a data set, or worth knowing. */
export interface Finding {
  /** what it is, for programs */
  readonly kind: string
  /** whether it spoils a training or its errors */
  readonly severity: 'problem' | 'note'
  /** Crystals concerned. */
  readonly count: number
  /** For a person: what it is, and what it does. */
  readonly message: string
  /** The worst first. */
  readonly cases: readonly {
    /** their ids */
    readonly crystals: readonly string[]
    /** for a person */
    readonly detail: string
  }[]
}

/** A finding that spoils a training or its errors. */
export function problem(kind: string, count: number, message: string, cases: Finding['cases'] = []): Finding {
  return { kind, severity: 'problem', count, message, cases }
}

/** A finding that is worth a look. */
export function note(kind: string, count: number, message: string, cases: Finding['cases'] = []): Finding {
  return { kind, severity: 'note', count, message, cases }
}

/** Subject and verb of a message. */
export function crystalsHave(count: number): string {
  return count === 1 ? '1 crystal has' : `${count} crystals have`
}

/** Element symbols in order of atomic number. */
export function symbols(elements: Iterable<number>): string {
  return [...elements]
    .sort((a, b) => a - b)
    .map(symbolOf)
    .join(', ')
}

/** Four significant digits. */
export function digits(value: number): string {
  return String(Number(value.toPrecision(4)))
}

/** A share for a person; 96 %, 99.3 %. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0.99 ? 1 : 0)} %`
}

/** The values of a target, of the crystals that have one. */
export function valuesOf(crystals: readonly Observation[], name: string): number[] {
  return crystals.map(({ targets }) => targets[name]).filter((value) => value !== undefined)
}

/** Of at least one value. Not Math.max(...values): a spread of a large group overflows the stack. */
export function largest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b))
}

/** Of at least one value. */
export function smallest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b))
}

/** Largest minus smallest; 0 for no values. */
export function spreadOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : largest(values) - smallest(values)
}
