// A few random programs; many more in test/integration.

import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, it } from 'vitest'
import { exportsRightly } from './programs-right.ts'

beforeAll(() => tf.setBackend('cpu'))

describe('random programs', () => {
  it.each([...new Array(12).keys()])('seed %i', exportsRightly)
})
