// Operators of the float64 evaluator where onnxruntime and onnx.reference are no judges: integers at their limits, more
// digits than float32 has, and rules that this exporter does not use. Expected values are from the ONNX documentation,
// by hand, or from tables.

import { describe, expect, it } from 'vitest'
import { ModelFileError } from '../../../../src/errors.ts'
import { counting, evaluate, floats, ints, list, longs, node, one, stored } from './graph.ts'

const { NaN: nan, POSITIVE_INFINITY: inf } = Number
const values = (result: { data: ArrayLike<number | bigint> }) => Array.from(result.data)
const [LOWEST, HIGHEST] = [-(2 ** 31), 2 ** 31 - 1]

describe('integers', () => {
  it.each([
    ['Add', [HIGHEST], [1], [LOWEST]],
    ['Sub', [LOWEST], [1], [HIGHEST]],
    ['Mul', [123456789], [987654321], [-67153019]],
    ['Div', [7, -7, 7, -7, LOWEST], [2, 2, -2, -2, -1], [3, -3, -3, 3, LOWEST]],
  ])('int32 %s wraps and truncates', (op, a, b, expected) => {
    const result = one(op, [ints(...a), ints(...b)])
    expect([result.type, values(result)]).toEqual(['int32', expected])
  })

  it('int64 are exact beyond float64, and wrap', () => {
    expect(values(one('Add', [longs(2n ** 53n), longs(1n)]))).toEqual([2n ** 53n + 1n])
    expect(values(one('Mul', [longs(2n ** 62n), longs(2n)]))).toEqual([-(2n ** 63n)])
    expect(values(one('Div', [longs(-(2n ** 60n) - 1n), longs(2n)]))).toEqual([-(2n ** 59n)])
    expect(values(one('Less', [longs(2n ** 53n), longs(2n ** 53n + 1n)]))).toEqual([1])
  })

  it('are not divided by 0', () => {
    for (const pair of [
      [ints(1), ints(0)],
      [longs(1n), longs(0n)],
    ]) {
      expect(() => one('Div', pair)).toThrow(/Div "the.Div": divides int(32|64) by 0/)
    }
    expect(values(one('Div', [floats(1, -1, 0), floats(0)]))).toEqual([inf, -inf, nan])
  })

  it('sums, products and running sums wrap', () => {
    expect(values(one('ReduceSum', [ints(HIGHEST, HIGHEST, 3)]))).toEqual([1])
    expect(values(one('ReduceProd', [ints(65536, 65536, 5)], { axes: [0] }))).toEqual([0])
    expect(values(evaluate({ a: ints(HIGHEST, 1, 1) }, running()))).toEqual([HIGHEST, LOWEST, LOWEST + 1])
  })

  const running = () => ({
    nodes: [node('CumSum', ['a', 'axis'])],
    initializers: [stored('axis', 'int32', [], Int32Array.of(0))],
  })
})

describe('casts', () => {
  const cast = (to: string, ...data: number[]) => values(one('Cast', [floats(...data)], { to }))

  it('to floats keep float64', () => {
    for (const to of ['float32', 'float16']) expect(cast(to, Math.PI, 1e300)).toEqual([Math.PI, 1e300])
  })

  it('to integers drop the fraction; what does not fit becomes the lowest', () => {
    expect(cast('int32', 2.9, -2.9, HIGHEST, 2 ** 31, nan, inf)).toEqual([
      2,
      -2,
      HIGHEST,
      LOWEST,
      LOWEST,
      LOWEST,
    ])
    expect(cast('int8', 127.5, -128.5, 300)).toEqual([127, -128, -128])
    expect(cast('int64', -1.5, 2 ** 53, nan)).toEqual([-1n, 2n ** 53n, -(2n ** 63n)])
    expect(cast('bool', 0, -0, 0.1, nan)).toEqual([0, 0, 1, 1])
  })

  it('between integers keep the lowest bits', () => {
    expect(values(one('Cast', [longs(2n ** 32n + 5n, -1n)], { to: 'int32' }))).toEqual([5, -1])
    expect(values(one('Cast', [ints(5, -1)], { to: 'int64' }))).toEqual([5n, -1n])
  })

  it('of initialisers give the numbers that are stored', () => {
    const half = stored('h', 'float16', [3], Uint16Array.of(0x3c00, 0x3555, 0xfbff))
    const nodes = [node('Cast', ['h'], { to: 'float32' })]
    expect(values(evaluate({}, { nodes, initializers: [half] }))).toEqual([1, 1365 / 4096, -65504])
    const whole = stored('h', 'int8', [2], Int8Array.of(-127, 5))
    expect(values(evaluate({}, { nodes, initializers: [whole] }))).toEqual([-127, 5])
  })
})

describe('functions in float64', () => {
  it.each([
    // Abramowitz and Stegun, table 7.1; DLMF 7.23
    ['Erf', 0.5, 0.5204998778130465],
    ['Erf', 1, 0.8427007929497149],
    ['Erf', 2, 0.9953222650189527],
    ['Erf', -3.5, -0.9999992569016276],
    ['Erf', 1e-10, 1.1283791670955126e-10],
    ['Erf', 40, 1],
    ['Softplus', 800, 800],
    ['Softplus', -40, 4.248354255291589e-18],
    ['Sigmoid', -800, 0],
    ['Sigmoid', 40, 1],
  ])('%s of %d', (op, x, expected) => {
    const [y] = values(one(op, [floats(x)])) as number[]
    expect(Math.abs(y - expected)).toBeLessThanOrEqual(1e-15 * Math.abs(expected))
  })

  it('Erf passes on what is no number', () => {
    expect(values(one('Erf', [floats(nan, inf, -inf, 0)]))).toEqual([nan, 1, -1, 0])
  })

  it('Pow is that of C', () => {
    const result = one('Pow', [floats(1, 1, -1, 2, -8, 0, nan), floats(nan, inf, -inf, -1, 1 / 3, 0, 0)])
    expect(values(result)).toEqual([1, 1, 1, 0.5, nan, 1, 1])
  })

  it('attributes left out are those of ONNX, in float32', () => {
    expect(values(one('LeakyRelu', [floats(-1)]))).toEqual([-Math.fround(0.01)])
    expect(values(one('Elu', [floats(-1, 2)]))).toEqual([Math.expm1(-1), 2])
  })

  it('NaN goes through maxima and comparisons as IEEE 754 says', () => {
    expect(values(one('Max', [floats(nan, 1), floats(1, nan)]))).toEqual([nan, nan])
    expect(values(one('Relu', [floats(nan, -1)]))).toEqual([nan, 0])
    expect(values(one('Equal', [floats(nan), floats(nan)]))).toEqual([0])
  })
})

describe('rows', () => {
  it('of no elements reduce to what they start from', () => {
    const empty = { data: new Float64Array(0), dims: [2, 0] }
    const of = (op: string) => one(op, [empty], { axes: [1], keepdims: 0 })
    expect(values(of('ReduceSum'))).toEqual([0, 0])
    expect(values(of('ReduceProd'))).toEqual([1, 1])
    expect(values(of('ReduceMax'))).toEqual([-inf, -inf])
    expect(values(of('ReduceMin'))).toEqual([inf, inf])
    expect(values(of('ReduceMean'))).toEqual([nan, nan])
  })

  it('are reduced over axes given either way, over all, or over none', () => {
    const x = counting(2, 3)
    const given = (opset: number, attrs = {}, ...axes: number[]) =>
      evaluate(
        { x },
        { nodes: [node('ReduceMax', ['x', 'axes'], attrs)], initializers: [list('axes', ...axes)], opset },
      )
    expect(one('ReduceMax', [x], { axes: [-1] })).toMatchObject({ dims: [2, 1], data: Float64Array.of(2, 5) })
    expect(given(18, { keepdims: 0 }, -1)).toMatchObject({ dims: [2], data: Float64Array.of(2, 5) })
    expect(one('ReduceMax', [x])).toMatchObject({ dims: [1, 1], data: Float64Array.of(5) })
    expect(given(18, { noop_with_empty_axes: 1 })).toMatchObject({ dims: [2, 3] })
  })

  it('ArgMax takes the first of equal ones, or the last', () => {
    const x = floats(1, 3, 3, 2)
    expect(values(one('ArgMax', [x]))).toEqual([1n])
    expect(values(one('ArgMax', [x], { select_last_index: 1, keepdims: 0 }))).toEqual([2n])
  })

  it('are normalised over several axes', () => {
    const ones = stored('w', 'float32', [2, 2], Float32Array.of(1, 1, 1, 2))
    const nodes = [node('LayerNormalization', ['x', 'w'], { axis: 1, epsilon: 0 })]
    const result = evaluate(
      { x: { data: Float64Array.of(0, 0, 2, 2), dims: [1, 2, 2] } },
      { nodes, initializers: [ones] },
    )
    expect(values(result)).toEqual([-1, -1, 1, 2])
  })

  it('Softmax of a row that is all −∞ is no number, and of large logits is one', () => {
    expect(values(one('Softmax', [floats(-inf, -inf)]))).toEqual([nan, nan])
    expect(values(one('Softmax', [floats(1e5, 1e5)]))).toEqual([0.5, 0.5])
  })
})

describe('places', () => {
  const x = counting(2, 3)
  const given = (op: string, lists: readonly number[][], attrs = {}) => {
    const initializers = lists.map((numbers, i) => list(`l${i}`, ...numbers))
    return evaluate(
      { x },
      { nodes: [node(op, ['x', ...initializers.map(({ name }) => name)], attrs)], initializers },
    )
  }

  it.each<[string, number[][], number[], number[]]>([
    ['past both ends', [[-9], [9], [1], [1]], [2, 3], [0, 1, 2, 3, 4, 5]],
    ['backwards, to before the start', [[9], [-9], [1], [-2]], [2, 2], [2, 0, 5, 3]],
    ['backwards from before the start', [[-9], [9], [1], [-1]], [2, 0], []],
    [
      'without axes and steps',
      [
        [1, 0],
        [2, 2],
      ],
      [1, 2],
      [3, 4],
    ],
    ['of nothing', [[2], [1], [1]], [2, 0], []],
  ])('Slice %s', (_, lists, dims, data) => {
    expect(given('Slice', lists)).toMatchObject({ dims, data: Float64Array.from(data) })
  })

  it.each<[string, number[][], object, number[]]>([
    ['0 and −1', [[0, -1, 1]], {}, [2, 3, 1]],
    ['−1 alone', [[-1]], {}, [6]],
  ])('Reshape by %s', (_, lists, attrs, dims) => expect(given('Reshape', lists, attrs).dims).toEqual(dims))

  it('Expand works both ways', () => {
    expect(given('Expand', [[2, 1, 1]])).toMatchObject({ dims: [2, 2, 3] })
    expect(given('Expand', [[1]])).toMatchObject({ dims: [2, 3] })
  })

  it('Gather counts from the end, and not beyond it', () => {
    const at = (index: number) =>
      evaluate({ x, i: ints(index) }, { nodes: [node('Gather', ['x', 'i'], { axis: 1 })] })
    expect(values(at(-1))).toEqual([2, 5])
    expect(() => at(3)).toThrow(/Gather "the.Gather": index 3 into an axis of 3/)
    expect(() => at(-4)).toThrow(ModelFileError)
  })

  it('Pad takes axes', () => {
    const nodes = [node('Pad', ['x', 'pads', '', 'axes'])]
    const padded = evaluate({ x }, { nodes, initializers: [list('pads', 1, 0), list('axes', 0)], opset: 18 })
    expect(padded).toMatchObject({ dims: [3, 3], data: Float64Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5) })
  })

  it('Shape takes a range of axes', () => {
    expect(values(one('Shape', [x], { start: -1 }))).toEqual([3n])
  })

  it('a pool counts its padding where it is told to', () => {
    const image = { data: Float64Array.of(4, 8), dims: [1, 1, 1, 2] }
    const pool = { kernel_shape: [1, 2], pads: [0, 1, 0, 0] }
    expect(values(one('AveragePool', [image], pool))).toEqual([4, 6])
    expect(values(one('AveragePool', [image], { ...pool, count_include_pad: 1 }))).toEqual([2, 6])
  })
})

describe('what values tell the size of', () => {
  const boxes = {
    data: Float64Array.of(
      0,
      0,
      1,
      1,
      0,
      0.1,
      1,
      1.1,
      0,
      -0.1,
      1,
      0.9,
      0,
      10,
      1,
      11,
      0,
      10.1,
      1,
      11.1,
      0,
      100,
      1,
      101,
    ),
    dims: [1, 6, 4],
  }
  const scores = { data: Float64Array.of(0.9, 0.75, 0.6, 0.95, 0.5, 0.3), dims: [1, 1, 6] }
  const suppressed = (most: number, overlap: number, least: number, attrs = {}, given = boxes) => {
    const inputs = { boxes: given, scores }
    const initializers = [
      list('most', most),
      stored('overlap', 'float32', [1], Float32Array.of(overlap)),
      stored('least', 'float32', [1], Float32Array.of(least)),
    ]
    const nodes = [node('NonMaxSuppression', ['boxes', 'scores', 'most', 'overlap', 'least'], attrs)]
    const { dims, data } = evaluate(inputs, { nodes, initializers })
    return [dims, Array.from(data as BigInt64Array, Number)]
  }

  it('boxes that overlap with better ones, after the examples of the specification', () => {
    expect(suppressed(3, 0.5, 0)).toEqual([
      [3, 3],
      [0, 0, 3, 0, 0, 0, 0, 0, 5],
    ])
    expect(suppressed(2, 0.5, 0)).toEqual([
      [2, 3],
      [0, 0, 3, 0, 0, 0],
    ])
    expect(suppressed(3, 0.5, 0.4)).toEqual([
      [2, 3],
      [0, 0, 3, 0, 0, 0],
    ])
    expect(suppressed(0, 0.5, 0)).toEqual([[0, 3], []])
    const centers = {
      ...boxes,
      data: Float64Array.of(
        0.5,
        0.5,
        1,
        1,
        0.5,
        0.6,
        1,
        1,
        0.5,
        0.4,
        1,
        1,
        0.5,
        10.5,
        1,
        1,
        0.5,
        10.6,
        1,
        1,
        0.5,
        100.5,
        1,
        1,
      ),
    }
    expect(suppressed(3, 0.5, 0, { center_point_box: 1 }, centers)).toEqual([
      [3, 3],
      [0, 0, 3, 0, 0, 0, 0, 0, 5],
    ])
  })

  it('places of what is not 0, after the example of the specification', () => {
    const result = one('NonZero', [{ data: Int32Array.of(1, 0, 1, 1), dims: [2, 2] }])
    expect([result.dims, values(result)]).toEqual([
      [2, 3],
      [0n, 1n, 1n, 0n, 0n, 1n],
    ])
  })

  it('ranges, after the examples of the specification', () => {
    const scalar = (data: Int32Array | Float64Array) => ({ data, dims: [] })
    const whole = [10, 4, -3].map((n) => scalar(Int32Array.of(n)))
    expect(values(one('Range', whole))).toEqual([10, 7])
    expect(
      values(
        one(
          'Range',
          [1, 5, 2].map((n) => scalar(Float64Array.of(n))),
        ),
      ),
    ).toEqual([1, 3])
    expect(
      values(
        one(
          'Range',
          [3, 0, 1].map((n) => scalar(Int32Array.of(n))),
        ),
      ),
    ).toEqual([])
    expect(() =>
      one(
        'Range',
        [0, 1, 0].map((n) => scalar(Int32Array.of(n))),
      ),
    ).toThrow(/step 0/)
  })
})
