// What tests give to the page, and how they compare what it shows.

import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { readStructures } from '../../src/crystal/read.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { GivenFile } from '../browser/built-page.ts'
import { example } from '../cli/run.ts'
import { poscar } from '../outside.ts'

/** Demonstrations among the models of the page. */
export const FORMER = 'ionic-crystalformer.onnx'
export const FRAMER = 'ionic-crystalframer.onnx'
/** One file on two builds of a runtime, float32. */
const F32 = 1e-5
/** Everything is drawn in software, on a machine that may have other work. */
export const SLOW = { timeout: 180_000 }

/** A structure file of the examples. */
export const given = (name: string): GivenFile => ({ name, text: readFileSync(example(name), 'utf8') })
export const structureOf = (name: string): Structure =>
  readStructures(given(name).text, { file: name })[0].structure

/** The crystal that the page begins with. */
export const EXAMPLE = structureOf('../materials-project.jsonl')

/** Too sparse for any model. */
export const HELIUM = poscar('He', 20, [[0, 0, 0]])

export function expectClose(found: number, expected: number): void {
  expect(Math.abs(found - expected) / Math.abs(expected)).toBeLessThan(F32)
}
