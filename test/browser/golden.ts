// Predictions in a page, against the published code.

import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { relativeError } from '../../runtimes/card.ts'
import type { LoadOptions } from '../../runtimes/web/load.ts'
import type { Structure } from '../../src/crystal/structure.ts'
import type { GoldenModel } from './models.ts'
import { inPage } from './page.ts'

/** float32 against the published code in float64, as the exported graph on the CPU. */
export const F32 = 2e-5
/** Not the skewed cell, whose box holds thousands of images: a software adapter takes long for them. */
export const SMALL = /^Cu_fcc$|^(SrTiO3|GaN).*_rattled$/
/** Crystals without symmetry: how ties between frames are broken is another matter. */
export const UNTIED = /^(SrTiO3|GaN).*_rattled$/

export function structuresOf({ crystals }: GoldenModel): Structure[] {
  return crystals.map(({ structure }) => structure)
}

export function expectGolden(values: readonly number[], { crystals }: GoldenModel, tolerance: number): void {
  expect(crystals.length).toBeGreaterThanOrEqual(2)
  for (const [n, { name, value }] of crystals.entries()) {
    expect(relativeError(values[n], value, 1), name).toBeLessThan(tolerance)
  }
}

/** Predictions one after another. @param stays leave the model open */
export function predictAll(
  page: Page,
  file: string,
  options: LoadOptions,
  crystals: readonly Structure[],
  { stays = false } = {},
) {
  return inPage(
    page,
    async ({ file, options, crystals, stays }) => {
      const model = await crystalOnnx.load(file, options)
      const values: number[] = []
      for (const crystal of crystals) values.push((await model.predict(crystal)).value)
      if (!stays) await model.dispose()
      return { report: model.deviceReport, values }
    },
    { file, options, crystals, stays },
  )
}
