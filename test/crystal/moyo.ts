// The symmetry library moyo, loaded for tests as an independent source of operations and special positions.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as moyo from '@spglib/moyo-wasm'
import { normal, type Operation } from '../../src/crystal/symmetry/operation.ts'

const wasm = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm')
moyo.initSync({ module: readFileSync(wasm) })

export { moyo }

/** Operations of a setting by its Hall number, 1 to 530. moyo stores rotations column by column. */
export function moyoOperations(hallNumber: number): Operation[] {
  const { number } = moyo.hall_symbol_entry(hallNumber)
  return moyo
    .operations_from_number(number, { type: 'HallNumber', value: hallNumber }, false)
    .map(({ rotation: r, translation }) =>
      normal(
        [
          [r[0], r[3], r[6]],
          [r[1], r[4], r[7]],
          [r[2], r[5], r[8]],
        ],
        translation,
      ),
    )
}

export const HALL_NUMBERS = Array.from({ length: 530 }, (_, i) => i + 1)
