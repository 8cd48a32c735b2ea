// A look at a data set in a few sentences: what it holds, and what in it would spoil a training.

import { type Crystals, each } from '../crystals.ts'
import { describeDataset } from '../statistics.ts'
import { type CheckOptions, checkDataset } from './check.ts'

export interface DataLook {
  readonly description: string
  readonly problems: readonly string[]
}

export async function lookAtData(crystals: Crystals, options: CheckOptions): Promise<DataLook> {
  const { statistics, findings } = await checkDataset(each(crystals), options)
  const problems = findings.filter(({ severity }) => severity === 'problem')
  return { description: describeDataset(statistics), problems: problems.map(({ message }) => message) }
}
