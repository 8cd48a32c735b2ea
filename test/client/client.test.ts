// The client against a real server: the answers, and the errors, of a model that runs here.

import { describe, expect, it } from 'vitest'
import { connect } from '../../src/client/index.ts'
import { structure } from '../../src/crystal/structure.ts'
import { keysFrom } from '../../src/server/auth.ts'
import { exportCase, loadHere, TINY } from '../exporters/crystal/exported.ts'
import { chain, onDisk } from '../runtimes/models.ts'
import { runningServer } from '../server/running.ts'

const embedding = await exportCase({ ...TINY, mode: 'converged' }, { outputs: ['embedding'] })
const KEY = '0123456789abcdef'
const server = runningServer({
  models: [{ name: 'embedding', source: onDisk(embedding.bytes) }],
  keys: keysFrom([KEY]),
})
const remote = () => connect(server().url, { apiKey: KEY })

describe('a model of a server', () => {
  it('predicts as it does here, one and many, and gives embeddings', async () => {
    const here = await loadHere(embedding.bytes)
    const model = remote()
    expect(await model.ready()).toBe(true)
    const { value, values, unit, property, domain, interval } = await here.predict(chain(5))
    const far = await model.predict(chain(5), { level: 0.8 })
    expect(far).toEqual({
      value: far.values[0],
      values: [expect.closeTo(values[0], 5)],
      unit,
      property,
      domain,
      interval,
    })
    expect(far.value).toBeCloseTo(value, 5)
    const features = await here.embed(chain(5))
    for (const [n, x] of (await model.embed(chain(5))).entries()) expect(x).toBeCloseTo(features[n], 4)

    const half = structure({
      ...chain(2),
      species: [
        [
          { element: 11, occupancy: 0.5 },
          { element: 19, occupancy: 0.5 },
        ],
        17,
      ],
    })
    const crystals = [chain(2), half, {} as never, structure({ ...chain(2), species: [110, 110] }), chain(3)]
    const outcomes = []
    for await (const outcome of model.predictMany(crystals)) outcomes.push(outcome)
    expect(outcomes.map(({ index, error }) => [index, error?.code])).toEqual([
      ...[
        [0, undefined],
        [1, undefined],
        [2, 'STRUCTURE'],
        [3, 'ELEMENT'],
        [4, undefined],
      ],
    ])
    for (const n of [0, 1, 4]) {
      const { value } = await here.predict(crystals[n])
      expect(outcomes[n]).toMatchObject({ value: expect.closeTo(value, 5) })
    }
    await here.dispose()
  })

  it('says what it is', async () => {
    expect(await remote().metadata()).toMatchObject({
      name: 'embedding',
      parameters: { targets: [{ unit: 'eV/atom' }], device: 'cpu' },
    })
  })

  it('fails as it does here, and as only a server can', async () => {
    const unknown = structure({ ...chain(2), species: [110, 110] })
    await expect(remote().predict(unknown)).rejects.toMatchObject({ name: 'ElementError', code: 'ELEMENT' })
    await expect(remote().predict({} as never)).rejects.toMatchObject({ code: 'STRUCTURE' })
    await expect(remote().predict(chain(2), { level: 3 })).rejects.toMatchObject({ code: 'CONFIG' })
    await expect(connect(server().url).predict(chain(2))).rejects.toMatchObject({
      name: 'AccessError',
      code: 'ACCESS',
    })
    const other = connect(server().url, { apiKey: KEY, model: 'other' })
    await expect(other.predict(chain(2))).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' })
    expect(await other.ready()).toBe(false)
    const nobody = connect('http://127.0.0.1:1')
    expect(await nobody.ready()).toBe(false)
    await expect(nobody.predict(chain(2))).rejects.toMatchObject({
      code: 'CONNECTION',
      message: /cannot be reached/,
    })
    expect(() => connect('ftp://127.0.0.1')).toThrow(/expected an address/)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(remote().predict(chain(2), { signal })).rejects.toThrow('enough')
  })
})
