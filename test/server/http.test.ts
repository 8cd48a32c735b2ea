// The server over HTTP: the Open Inference Protocol as its document has it, the endpoint for people, and errors.

import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { writeStructure } from '../../src/crystal/write.ts'
import { example } from '../cli/run.ts'
import { loadHere } from '../exporters/crystal/exported.ts'
import { chain, exported } from '../runtimes/models.ts'
import { MODEL, posted, runningServer, typedChain } from './running.ts'

const server = runningServer({ cors: ['https://my.page'] })
const at = (path: string) => `${server().url}${path}`
const get = async (path: string) => {
  const response = await fetch(at(path))
  return { status: response.status, json: await response.json() }
}
const infer = (body: unknown, headers?: Record<string, string>) =>
  posted(at(`/v2/models/${MODEL}/infer`), body, headers)
const text = (crystal = chain(3)) => writeStructure(crystal, 'cif')
const structures = (...data: string[]) => [
  { name: 'structure', datatype: 'BYTES', shape: [data.length], data },
]

/** What `predict` says of chains. */
const expected = new Map<number, number>()
beforeAll(async () => {
  const model = await loadHere(exported.bytes)
  for (const count of [1, 2, 3, 5, 8]) expected.set(count, (await model.predict(chain(count))).value)
  await model.dispose()
})

describe('the protocol', () => {
  it('has health, and metadata of server and model', async () => {
    expect(await get('/v2/health/live')).toMatchObject({ status: 200, json: { live: true } })
    expect(await get('/v2/health/ready')).toMatchObject({ status: 200, json: { ready: true } })
    expect(await get(`/v2/models/${MODEL}/versions/1/ready`)).toMatchObject({
      status: 200,
      json: { ready: true },
    })
    expect(await get('/v2')).toMatchObject({
      json: { name: 'crystal-onnx', extensions: ['binary_tensor_data', 'model_repository'] },
    })
    const { json } = await get(`/v2/models/${MODEL}`)
    expect(json).toMatchObject({ name: MODEL, versions: ['1'], platform: 'crystal-onnx' })
    expect(json.inputs.map(({ name }: { name: string }) => name)).toEqual([
      'structure',
      'atoms',
      'numbers',
      'frac',
      'lattice',
    ])
    expect(json.outputs).toEqual([{ name: 'prediction', datatype: 'FP32', shape: [-1, 1] }])
  })

  it('predicts what predict does, of texts and of numbers', async () => {
    const ofTexts = await infer({ id: 'x1', inputs: structures(text(chain(3)), text(chain(5))) })
    expect(ofTexts).toMatchObject({ status: 200, json: { id: 'x1', model_name: MODEL, model_version: '1' } })
    const [{ data, ...head }] = ofTexts.json.outputs
    expect(head).toEqual({ name: 'prediction', datatype: 'FP32', shape: [2, 1] })
    expect(data[0]).toBeCloseTo(expected.get(3)!, 5)
    expect(data[1]).toBeCloseTo(expected.get(5)!, 5)
    const ofNumbers = await infer({ inputs: typedChain(8) })
    expect(ofNumbers.json.outputs[0].data[0]).toBeCloseTo(expected.get(8)!, 5)
  })

  it('takes and gives binary tensors', async () => {
    const cif = Buffer.from(text())
    const length = Buffer.alloc(4)
    length.writeUInt32LE(cif.length)
    const json = JSON.stringify({
      inputs: [
        {
          name: 'structure',
          datatype: 'BYTES',
          shape: [1, 1],
          parameters: { binary_data_size: 4 + cif.length },
        },
      ],
      outputs: [{ name: 'prediction', parameters: { binary_data: true } }],
    })
    const answer = await infer(Buffer.concat([Buffer.from(json), length, cif]), {
      'inference-header-content-length': String(json.length),
      'content-type': 'application/octet-stream',
    })
    const size = Number(answer.headers.get('inference-header-content-length'))
    const [output] = JSON.parse(answer.bytes.subarray(0, size).toString()).outputs
    expect(output).toEqual({
      name: 'prediction',
      datatype: 'FP32',
      shape: [1, 1],
      parameters: { binary_data_size: 4 },
    })
    expect(answer.bytes.subarray(size).readFloatLE()).toBeCloseTo(expected.get(3)!, 5)
  })

  it('answers many callers at once, each with its own', async () => {
    const counts = Array.from({ length: 40 }, (_, n) => [1, 2, 3, 5, 8][n % 5])
    const answers = await Promise.all(counts.map((count) => infer({ inputs: typedChain(count) })))
    for (const [n, { json }] of answers.entries()) {
      expect(json.outputs[0].data[0]).toBeCloseTo(expected.get(counts[n])!, 5)
    }
  })

  it('names the crystal that cannot be predicted, or answers the others', async () => {
    const inputs = structures(text(), 'rubbish', text(structure({ ...chain(2), species: [110, 110] })))
    expect(await infer({ inputs })).toMatchObject({
      status: 422,
      json: { code: 'PARSE', index: 1, error: expect.stringMatching(/^crystal 1: .*not recognised/) },
    })
    const { status, json } = await infer({ inputs, parameters: { partial: true } })
    expect(status).toBe(200)
    const [prediction, errors] = json.outputs
    expect(prediction.data).toEqual([expect.closeTo(expected.get(3)!, 4), null, null])
    expect(errors).toMatchObject({ name: 'errors', datatype: 'BYTES', shape: [3] })
    expect(errors.data.map((one: string) => (one === '' ? '' : JSON.parse(one).code))).toEqual([
      '',
      'PARSE',
      'ELEMENT',
    ])
  })

  it.each([
    ['no JSON', '{"inputs": [', 400, /the body is no JSON/],
    ['no inputs', {}, 400, /inputs: expected a list/],
    ['no crystals', { inputs: structures() }, 400, /no crystals/],
    [
      'too many crystals',
      { inputs: structures(...Array(17).fill('x')) },
      413,
      /17 crystals .* allowed are 16/,
    ],
    [
      'an unknown input',
      { inputs: [{ name: 'x', datatype: 'FP32', shape: [1], data: [1] }] },
      400,
      /input "x"/,
    ],
    [
      'an unknown type',
      { inputs: [{ name: 'structure', datatype: 'FP16', shape: [1], data: [1] }] },
      400,
      /"FP16"/,
    ],
    [
      'a huge shape',
      { inputs: [{ name: 'structure', datatype: 'BYTES', shape: [1e9], data: ['x'] }] },
      400,
      /too large/,
    ],
    [
      'a negative shape',
      { inputs: [{ name: 'structure', datatype: 'BYTES', shape: [-1], data: ['x'] }] },
      400,
      /-1 in its shape/,
    ],
    [
      'fewer data than its shape',
      { inputs: [{ name: 'structure', datatype: 'BYTES', shape: [2], data: ['x'] }] },
      400,
      /1 elements .* expected 2/,
    ],
    [
      'deep lists',
      { inputs: [{ name: 'structure', datatype: 'BYTES', shape: [1], data: [[[['x']]]] }] },
      400,
      /deeper/,
    ],
    ['half of the numbers', { inputs: typedChain(3).slice(0, 3) }, 400, /no input lattice/],
    [
      'numbers that do not fit',
      { inputs: [...typedChain(3).slice(0, 3), ...typedChain(2).slice(3), typedChain(4)[1]] },
      400,
      /twice/,
    ],
    [
      'atoms of 10⁹',
      { inputs: [{ name: 'atoms', datatype: 'INT32', shape: [1], data: [1e9] }, ...typedChain(3).slice(1)] },
      413,
      /1000000000 atoms of crystal 0/,
    ],
    ['both kinds', { inputs: [...structures('x'), ...typedChain(2)] }, 400, /one or the other/],
    [
      'an unknown output',
      { inputs: structures('x'), outputs: [{ name: 'forces' }] },
      400,
      /"forces": the model gives prediction/,
    ],
    ['a level that is none', { inputs: structures(text()), parameters: { level: 2 } }, 400, /level 2/],
    [
      'an unknown format',
      { inputs: [{ ...structures('x')[0], parameters: { format: 'doc' } }] },
      400,
      /format "doc"/,
    ],
  ])('refuses %s, saying why', async (_, body, status, message) => {
    const answer = await infer(body)
    expect(answer.json).toEqual({
      error: expect.stringMatching(message),
      code: expect.stringMatching(/^(REQUEST|LIMIT|CONFIG)$/),
    })
    expect(answer.status).toBe(status)
  })

  it('refuses bodies that are too large, also when they are packed', async () => {
    const large = JSON.stringify({ inputs: structures('x'.repeat(300_000)) })
    const error = expect.stringMatching(/more than 200000 bytes/)
    expect(await infer(large)).toMatchObject({ status: 413, json: { code: 'LIMIT', error } })
    const packed = await infer(gzipSync(large), {
      'content-encoding': 'gzip',
      'content-type': 'application/json',
    })
    expect(packed).toMatchObject({ status: 413, json: { code: 'LIMIT' } })
    const small = gzipSync(JSON.stringify({ inputs: structures(text()) }))
    expect(await infer(small, { 'content-encoding': 'gzip' })).toMatchObject({ status: 200 })
  })

  it('does not know other models, versions and paths', async () => {
    const body = { inputs: structures(text()) }
    expect(await posted(at('/v2/models/other/infer'), body)).toMatchObject({
      status: 404,
      json: { code: 'UNKNOWN_MODEL', error: `no model "other" here: there are ${MODEL}` },
    })
    expect(await posted(at(`/v2/models/${MODEL}/versions/7/infer`), body)).toMatchObject({
      status: 404,
      json: { error: expect.stringMatching(/has version 1, not "7"/) },
    })
    expect(await get('/v3')).toMatchObject({ status: 404, json: { code: 'REQUEST' } })
    // Names of what every object has are no names of models or parameters.
    for (const name of ['__proto__', 'constructor']) {
      expect(await posted(at(`/v2/models/${name}/infer`), body)).toMatchObject({ status: 404 })
    }
    const polluting = `{"inputs": ${JSON.stringify(structures(text()))}, "parameters": {"__proto__": {"partial": true}}}`
    expect(await infer(polluting)).toMatchObject({ status: 200 })
    expect({}).not.toHaveProperty('partial')
  })

  it('unloads and loads models', async () => {
    const index = async () => (await posted(at('/v2/repository/index'), '')).json
    expect(await posted(at(`/v2/repository/models/${MODEL}/unload`), '')).toMatchObject({ status: 200 })
    expect(await index()).toEqual([{ name: MODEL, version: '', state: 'UNAVAILABLE', reason: 'unloaded' }])
    expect(await infer({ inputs: typedChain(2) })).toMatchObject({ status: 404 })
    expect(await posted(at(`/v2/repository/models/${MODEL}/load`), '{}')).toMatchObject({ status: 200 })
    expect(await index()).toEqual([{ name: MODEL, version: '2', state: 'READY', reason: '' }])
    expect(await infer({ inputs: typedChain(2) })).toMatchObject({ status: 200 })
    expect(await posted(at('/v2/repository/models/other/load'), '')).toMatchObject({ status: 404 })
  })
})

describe('POST /predict', () => {
  const form = (...files: [name: string, content: string][]) => {
    const data = new FormData()
    for (const [name, content] of files) data.append('file', new Blob([content]), name)
    return data
  }

  it('takes the files of a form, and names what failed in each', async () => {
    const two = `${text(chain(2))}\n${text(chain(3))}`
    const { status, json } = await posted(at('/predict'), form(['a.cif', two], ['b\u0007.xyz', 'nothing']))
    expect(status).toBe(200)
    expect(json).toMatchObject([
      {
        file: 'a.cif',
        index: 0,
        value: [expect.closeTo(expected.get(2)!, 4)],
        unit: 'eV/atom',
        device: 'cpu',
      },
      { file: 'a.cif', index: 1, value: [expect.closeTo(expected.get(3)!, 4)] },
      { file: 'b�.xyz', index: 0, error: { code: 'PARSE' } },
    ])
    expect(Object.keys(json[0])).toEqual([
      'file',
      'index',
      'property',
      'value',
      'unit',
      'domain',
      'interval',
      'device',
      'engine',
      'device_report',
      'ms',
    ])
  })

  it('takes a file or JSON as the body', async () => {
    const cif = readFileSync(example('NaCl.cif'), 'utf8')
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'chemical/x-cif']) {
      const { json } = await posted(at('/predict'), cif, { 'content-type': type })
      expect(json).toMatchObject([{ file: 'body', index: 0, property: 'formation_energy' }])
    }
    const { json } = await posted(at('/predict?file=mine.json&model=tiny'), writeStructure(chain(5), 'json'))
    expect(json).toMatchObject([{ file: 'mine.json', value: [expect.closeTo(expected.get(5)!, 4)] }])
  })

  it('says in its status when nothing could be predicted, or nothing was given', async () => {
    expect(await posted(at('/predict'), 'rubbish')).toMatchObject({
      status: 422,
      json: [{ error: { code: 'PARSE' } }],
    })
    expect(await posted(at('/predict'), new FormData())).toMatchObject({
      status: 400,
      json: { code: 'REQUEST' },
    })
    expect(await posted(at('/predict?model=other'), text())).toMatchObject({ status: 404 })
    expect(await posted(at('/predict?embedding=1'), text())).toMatchObject({
      status: 400,
      json: { code: 'CONFIG' },
    })
  })
})

describe('running it', () => {
  it('documents every route', async () => {
    const { json } = await get('/docs/json')
    expect(json.openapi).toMatch(/^3\./)
    expect(Object.keys(json.paths).sort()).toEqual(
      [
        ...['/metrics', '/predict', '/v2', '/v2/health/live', '/v2/health/ready', '/v2/models/{name}'],
        ...['/v2/models/{name}/infer', '/v2/models/{name}/ready', '/v2/models/{name}/versions/{version}'],
        ...['/v2/models/{name}/card', '/v2/models/{name}/versions/{version}/card'],
        ...['/v2/models/{name}/versions/{version}/infer', '/v2/models/{name}/versions/{version}/ready'],
        ...[
          '/v2/repository/index',
          '/v2/repository/models/{name}/load',
          '/v2/repository/models/{name}/unload',
        ],
      ].sort(),
    )
    const page = await (await fetch(at('/docs'))).text()
    for (const path of Object.keys(json.paths)) expect(page).toContain(path)
    expect(page).not.toMatch(/https?:\/\//)
  })

  it('counts', async () => {
    await infer({ inputs: typedChain(3) })
    await posted(at('/v2/models/other/infer'), { inputs: typedChain(3) })
    const text = await (await fetch(at('/metrics'))).text()
    expect(text).toMatch(/crystal_onnx_requests_total\{model="tiny",protocol="http",code="OK"\} \d+/)
    expect(text).toMatch(/crystal_onnx_requests_total\{model="",protocol="http",code="UNKNOWN_MODEL"\} \d+/)
    expect(text).toMatch(/crystal_onnx_run_atoms_sum\{model="tiny"\} \d+/)
    expect(text).toMatch(/crystal_onnx_run_images_count\{model="tiny"\} \d+/)
    expect(text).toMatch(/crystal_onnx_model_info\{model="tiny",device="cpu",engine="\w+"\} 1/)
    expect(text).toMatch(/crystal_onnx_queue_seconds_count \d+/)
    expect(text).toContain('process_resident_memory_bytes')
  })

  it('passes on request ids and trace contexts that are some, into answer and log', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { headers } = await infer({ inputs: typedChain(2) }, { 'x-request-id': 'abc-1', traceparent })
    expect([headers.get('x-request-id'), headers.get('traceparent')]).toEqual(['abc-1', traceparent])
    expect(server().log.find(({ id }) => id === 'abc-1')).toMatchObject({
      ...{
        trace: traceparent,
        method: 'POST',
        path: '/v2/models/tiny/infer',
        status: 200,
        message: 'request',
      },
    })
    const other = await infer({ inputs: typedChain(2) }, { 'x-request-id': 'a b', traceparent: '00-xyz' })
    expect(other.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    expect(other.headers.get('traceparent')).toBeNull()
  })

  it('lets pages of the named origins read what they need, and no others', async () => {
    const ask = (origin: string) => infer({ inputs: typedChain(2) }, { origin })
    const allowed = async (origin: string) => (await ask(origin)).headers.get('access-control-allow-origin')
    expect(await allowed('https://my.page')).toBe('https://my.page')
    expect(await allowed('https://other.page')).toBeNull()
    const { headers } = await ask('https://my.page')
    expect(headers.get('access-control-expose-headers')).toContain('inference-header-content-length')
  })

  it('goes on when clients go away, and closes on those that speak no HTTP', async () => {
    const aborted = new Promise((resolve) => {
      const call = request(at(`/v2/models/${MODEL}/infer`), {
        method: 'POST',
        headers: { 'content-length': 1000 },
      })
      call.on('error', resolve)
      call.write('{"inputs"')
      setTimeout(() => call.destroy(), 20)
    })
    await aborted
    const answer = await new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(server().url).port), '127.0.0.1', () =>
        socket.write('\0\0rubbish\r\n\r\n'),
      )
      socket.on('data', (data) => resolve(String(data)))
      socket.on('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 400/)
    expect(await infer({ inputs: typedChain(2) })).toMatchObject({ status: 200 })
  })
})
