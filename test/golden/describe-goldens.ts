// Suites over golden cases, whichever of them are on this machine. Apart from goldens.ts, which benchmarks read as well.

import { describe, it } from 'vitest'
import { needs } from '../shared.ts'
import { type GoldenCase, goldenValues } from './goldens.ts'

/** A suite for every case whose values are here. The others are one skipped test, which names them. */
export function describeGoldens(
  cases: readonly GoldenCase[],
  suite: (golden: GoldenCase, values: ReadonlyMap<string, Float64Array>) => void,
): void {
  const absent: string[] = []
  for (const golden of cases) {
    const values = goldenValues(golden.name)
    if (values) describe(golden.name, () => suite(golden, values))
    else absent.push(golden.name)
  }
  if (absent.length > 0) it.skip(`${absent.join(', ')}: ${needs('golden/out')}`, () => {})
}
