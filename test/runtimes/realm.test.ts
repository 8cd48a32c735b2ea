// Arrays of another realm, as Jest and vm contexts make them: as good as ours.

import { runInNewContext } from 'node:vm'
import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { bytesFor, bytesOf, tensorsOf } from '../../runtimes/realm.ts'

const foreign = <T>(code: string) => runInNewContext(code) as T

describe('arrays of another realm', () => {
  it('are bytes: views, buffers, shared ones, and parts of them', () => {
    for (const code of [
      'new Uint8Array([1, 2, 3])',
      'new Uint8Array([1, 2, 3]).buffer',
      'new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4)',
      'new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1)',
      'const s = new SharedArrayBuffer(3); new Uint8Array(s).set([1, 2, 3]); s',
      'const v = new Uint8Array(new SharedArrayBuffer(3)); v.set([1, 2, 3]); v',
    ]) {
      const bytes = bytesOf(foreign(code))
      expect(bytes, code).toBeInstanceOf(Uint8Array)
      expect(bytes!.buffer, code).not.toBeInstanceOf(SharedArrayBuffer)
      expect([...bytes!], code).toEqual([1, 2, 3])
    }
    for (const given of ['model.onnx', 7, null, undefined, [1, 2, 3], {}])
      expect(bytesOf(given)).toBeUndefined()
  })

  it('become tensors, of the same memory where they are of one realm', () => {
    expect(() => new ort.Tensor('float32', foreign<Float32Array>('new Float32Array([1, 2])'), [2])).toThrow(
      /must be type of/,
    )
    const tensorOf = tensorsOf(ort.Tensor)
    const floats = tensorOf(foreign<Float32Array>('new Float32Array([0, 1, 2]).subarray(1)'), [2])
    expect([floats.type, ...(floats.data as Float32Array)]).toEqual(['float32', 1, 2])
    const whole = tensorOf(foreign<Int32Array>('new Int32Array([3])'), [1])
    expect([whole.type, ...(whole.data as Int32Array)]).toEqual(['int32', 3])
    const own = new Float32Array([1])
    expect(tensorOf(own, [1]).data).toBe(own)
  })

  it('of a graph are bytes that a session takes', () => {
    const bytes = bytesFor(ort.Tensor, foreign<Uint8Array>('new Uint8Array([8, 7])'))
    expect([...bytes]).toEqual([8, 7])
    expect(bytes.constructor).toBe(new ort.Tensor('uint8', [0], [1]).data.constructor)
  })
})
