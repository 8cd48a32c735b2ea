// Reading what a file says about itself, and refusing what is no model. The files are written byte by byte.

import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { CARD_KEY, parseCard } from '../../runtimes/card.ts'
import { initializerData, readMetadata } from '../../runtimes/metadata.ts'
import { readModelFile } from '../../runtimes/model-file.ts'
import { ModelFileError } from '../../src/errors.ts'
import { bytes, graph, integer, message, model, valueInfo } from './onnx-bytes.ts'

describe('readMetadata', () => {
  it('reads versions, metadata, inputs, outputs, operators and initializers', () => {
    const file = model(['property', 'Bildungsenthalpie ΔH'], ['empty', ''])
    const found = readMetadata(file)
    expect(found).toMatchObject({ bytes: file.length, irVersion: 8, producer: 'by hand 1.0', nodes: 1 })
    expect([...found.opsets]).toEqual([['', 17]])
    expect([...found.metadata]).toEqual([
      ['property', 'Bildungsenthalpie ΔH'],
      ['empty', ''],
    ])
    expect(found.inputs).toEqual([{ name: 'pool', type: 1, shape: ['C', 2] }])
    expect(found.outputs).toEqual([{ name: 'prediction', type: 1, shape: ['C', 1] }])
    expect([...found.operators]).toEqual([['MatMul', 1]])
    expect([...initializerData(file, found.initializers[0])]).toEqual([3, 5])
  })

  it('agrees with onnxruntime about the same bytes', async () => {
    const session = await InferenceSession.create(model())
    const { inputs, outputs } = readMetadata(model())
    expect(session.inputNames).toEqual(inputs.map(({ name }) => name))
    expect(session.outputNames).toEqual(outputs.map(({ name }) => name))
    const { prediction } = await session.run({ pool: new Tensor('float32', [1, 0, 0.5, 0.5], [2, 2]) })
    expect([...(prediction.data as Float32Array)]).toEqual([3, 4])
  })

  it('refuses a file cut at any byte, or loses what stood behind the cut', () => {
    const file = model(['last', 'entry'])
    for (let length = 0; length < file.length; length++) {
      const cut = file.subarray(0, length)
      let metadata: ReadonlyMap<string, string>
      try {
        metadata = readMetadata(cut, 'cut.onnx').metadata
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError)
        expect((error as Error).message).toMatch(/^cut\.onnx: /)
        continue
      }
      expect(metadata.has('last')).toBe(false)
    }
    expect(() => readMetadata(file.subarray(0, 40), 'm.onnx')).toThrow(
      /m\.onnx: truncated at byte 40: .*export the model again/,
    )
  })

  it('never fails in another way, whatever byte is flipped', () => {
    const file = model(['key', 'value'])
    for (let at = 0; at < file.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const damaged = Uint8Array.from(file)
        damaged[at] ^= flip
        try {
          readMetadata(damaged)
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError)
        }
      }
    }
  })

  it.each([
    ['nothing', '', /empty/],
    ['a web page', '<!DOCTYPE html><html></html>', /HTML/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0', /git lfs pull/],
    ['text', 'data_NaCl\n_cell_length_a 5.64\n', /not an ONNX file|truncated/],
    ['JSON', '{"modelTopology": {}}', /not an ONNX file|truncated/],
  ])('names what it found instead: %s', (_, text, pattern) => {
    expect(() => readMetadata(Buffer.from(text), 'x.onnx')).toThrow(pattern)
  })

  it('says what is missing from a message that is no complete model', () => {
    expect(() => readMetadata(message(integer(1, 8), bytes(8, integer(2, 17))))).toThrow(/no graph/)
    expect(() => readMetadata(message(integer(1, 8), bytes(7, graph)))).toThrow(/no opset_import/)
  })

  it('does not believe lengths', () => {
    const endless = Uint8Array.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f])
    expect(() => readMetadata(endless)).toThrow(ModelFileError)
    const tooLong = Uint8Array.from([0x08, ...Array(12).fill(0xff)])
    expect(() => readMetadata(tooLong)).toThrow(ModelFileError)
  })
})

describe('readModelFile', () => {
  it('refuses a model that has no card', () => {
    expect(() => readModelFile(model(), 'other.onnx')).toThrow(/other\.onnx: an ONNX model without a card/)
  })

  it('refuses an input that no batch has, or has as another type or of other sizes', () => {
    const card = readMetadata(readFileSync('web/public/models/ionic-crystalformer.onnx')).metadata.get(
      CARD_KEY,
    )!
    const wanting = (name: string, type: number, shape: (number | string)[]) =>
      message(
        integer(1, 8),
        bytes(7, message(graph, bytes(11, valueInfo(name, type, shape)))),
        bytes(8, integer(2, 17)),
        bytes(14, message(bytes(1, CARD_KEY), bytes(2, card))),
      )
    expect(() => readModelFile(wanting('colour', 1, ['A']), 'm')).toThrow(
      /m: the graph wants the input "colour", expected species, occupancy, pair/,
    )
    expect(() => readModelFile(wanting('pair', 1, ['A', 'S']), 'm')).toThrow(
      /the graph wants the input "pair" as type 1 \[A, S\], expected int32 \[A, S\]/,
    )
    expect(() => readModelFile(wanting('translation', 1, ['A', 'M', 'S']), 'm')).toThrow(
      /"translation" as type 1 \[A, M, S\], expected float32 \[A, M, S, 3\]/,
    )
  })

  it('refuses a card that is broken, newer or of another shape', () => {
    expect(() => readModelFile(model([CARD_KEY, '{']), 'm')).toThrow(/not JSON/)
    expect(() => readModelFile(model([CARD_KEY, '{"format": 99}']), 'm')).toThrow(/newer/)
    expect(() => readModelFile(model([CARD_KEY, '{"format": 1}']), 'm')).toThrow(/invalid card/)
    expect(() => parseCard('null')).toThrow(ModelFileError)
  })
})
