// Windows over images and volumes, blocks, and images at places of their own.

import * as tf from '@tensorflow/tfjs'
import { TRIGONOMETRY, uniform, whole } from '../session.ts'
import { float, int, type Row } from './row.ts'

const wave = (...shape: number[]) =>
  tf.tensor(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    shape,
  )
const filter3d = wave(2, 3, 2, 3, 4) as tf.Tensor5D
const volumes = float('B', 5, 'A', 'C', 3)

export const windowRows: Row[] = [
  {
    kernel: 'Conv3D',
    about: 'same, valid, strides',
    inputs: { x: volumes },
    fn: ({ x }) => [
      tf.conv3d(x as tf.Tensor5D, filter3d, 1, 'same'),
      tf.conv3d(x as tf.Tensor5D, filter3d, [2, 1, 2], 'valid'),
      tf.conv3d(x as tf.Tensor5D, filter3d, 2, 'same'),
    ],
  },
  {
    kernel: 'Conv3DBackpropInputV2',
    about: 'volumes twice as large',
    inputs: { x: float('B', 2, 3, 4, 3) },
    fn: ({ x }) =>
      tf.conv3dTranspose(
        x as tf.Tensor5D,
        wave(2, 2, 3, 5, 3) as tf.Tensor5D,
        [x.shape[0], 4, 6, 8, 5],
        2,
        'same',
      ),
  },
  {
    kernel: 'MaxPool3D',
    inputs: { x: volumes },
    fn: ({ x }) => [
      tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'same'),
      tf.maxPool3d(x as tf.Tensor5D, [2, 1, 3], 1, 'valid'),
    ],
  },
  {
    kernel: 'AvgPool3D',
    inputs: { x: volumes },
    fn: ({ x }) => tf.avgPool3d(x as tf.Tensor5D, 3, 2, 'same'),
  },
  {
    kernel: 'MaxPoolWithArgmax',
    about: 'places in one image and in all',
    inputs: { x: float('B', 'A', 'C', 3) },
    fn: ({ x }) =>
      [false, true].flatMap((all) =>
        Object.values(tf.maxPoolWithArgmax(x as tf.Tensor4D, [2, 2], [2, 1], 'same', all)),
      ),
  },
  {
    kernel: 'Dilation2D',
    about: 'same and valid, strides, dilations',
    inputs: { x: float('B', 7, 'C', 2) },
    fn: ({ x }) => [
      tf.dilation2d(x as tf.Tensor4D, wave(2, 3, 2) as tf.Tensor3D, 1, 'same', [2, 1]),
      tf.dilation2d(x as tf.Tensor4D, wave(3, 2, 2) as tf.Tensor3D, [2, 1], 'valid'),
    ],
  },
  {
    kernel: 'SpaceToBatchND',
    about: 'a dilated convolution as graph models have it',
    inputs: { x: float('B', 4, 'A', 3) },
    fn: ({ x }) => {
      const blocks = tf.spaceToBatchND(
        x,
        [2, 1],
        [
          [2, 2],
          [0, 0],
        ],
      )
      const made = tf.conv2d(blocks as tf.Tensor4D, wave(2, 1, 3, 5) as tf.Tensor4D, 1, 'valid')
      return tf.batchToSpaceND(
        made,
        [2, 1],
        [
          [1, 0],
          [0, 0],
        ],
      )
    },
  },
  {
    kernel: 'BatchToSpaceND',
    about: 'of an open image, and back',
    inputs: { x: float('B', 'A', 'C', 2) },
    fn: ({ x }) => {
      const blocks = tf.spaceToBatchND(
        tf.tile(x, [1, 2, 2, 1]),
        [2, 2],
        [
          [0, 0],
          [0, 0],
        ],
      )
      return tf.batchToSpaceND(
        tf.exp(blocks),
        [2, 2],
        [
          [1, 0],
          [0, 1],
        ],
      )
    },
  },
  {
    kernel: 'Conv2D',
    about: 'in one dimension, causal and dilated',
    inputs: { x: float('B', 'A', 3) },
    fn: ({ x }) => {
      const padded = tf.pad(x, [
        [0, 0],
        [4, 0],
        [0, 0],
      ]) as tf.Tensor3D
      return [
        tf.conv1d(padded, wave(3, 3, 4) as tf.Tensor3D, 1, 'valid', 'NWC', 2),
        tf.conv1d(x as tf.Tensor3D, wave(3, 3, 4) as tf.Tensor3D, 1, 'same', 'NWC', 3),
      ]
    },
  },
  {
    kernel: 'LRN',
    inputs: { x: float('B', 'A', 3, 6) },
    fn: ({ x }) => tf.localResponseNormalization(x as tf.Tensor4D, 2, 1.5, 0.3, 0.75),
  },
  {
    kernel: 'CropAndResize',
    about: 'bilinear and nearest, boxes beyond the image',
    inputs: {
      x: float('B', 'A', 5, 2),
      boxes: { ...float('C', 4), values: uniform(-0.2, 1.2) },
      of: { ...int('C'), values: whole(0, 5) },
    },
    fn: ({ x, boxes, of }) => [
      tf.image.cropAndResize(
        x as tf.Tensor4D,
        boxes as tf.Tensor2D,
        of as tf.Tensor1D,
        [3, 4],
        'bilinear',
        -1,
      ),
      tf.image.cropAndResize(x as tf.Tensor4D, boxes as tf.Tensor2D, of as tf.Tensor1D, [2, 1], 'nearest'),
    ],
  },
  ...(['constant', 'reflect', 'wrap', 'nearest'] as const).map(
    (mode): Row => ({
      kernel: 'Transform',
      about: `beyond the edge: ${mode}`,
      // The CPU backend transforms the first image of a batch only.
      inputs: { x: float(1, 'A', 'C', 2), t: { ...float(1, 8), values: uniform(-0.2, 0.9) } },
      fn: ({ x, t }) =>
        (['nearest', 'bilinear'] as const).map((way) =>
          tf.image.transform(x as tf.Tensor4D, t as tf.Tensor2D, way, mode, 3, [4, 5]),
        ),
      tolerance: 1e-3, // float32 coordinates at the edges of pixels
    }),
  ),
  {
    kernel: 'RotateWithOffset',
    inputs: { x: float('B', 6, 5, 3) },
    fn: ({ x }) => [
      tf.image.rotateWithOffset(x as tf.Tensor4D, 0.7, [1, 2, 3], [0.3, 0.6]),
      tf.image.rotateWithOffset(x as tf.Tensor4D, -Math.PI / 2, 0.5),
    ],
  },
  {
    kernel: 'FFT',
    about: 'of a fixed length, back, and times weights',
    inputs: { a: float(2, 6), b: float(2, 6) },
    fn: ({ a, b }) => {
      const found = tf.fft(tf.complex(a, b))
      // Kernels of the CPU backend do not broadcast complex tensors.
      const weights = tf.complex(wave(2, 6), wave(2, 6))
      const back = tf.ifft(tf.mul(found, weights))
      return [tf.real(found), tf.imag(found), tf.real(back), tf.abs(back)]
    },
    tolerance: TRIGONOMETRY,
  },
  {
    kernel: 'IFFT',
    about: 'the real transform and its inverse',
    inputs: { x: float('B', 'A', 8) },
    fn: ({ x }) => tf.irfft(tf.rfft(x)),
    tolerance: TRIGONOMETRY,
  },
  {
    kernel: 'ComplexAbs',
    about: 'a spectrogram',
    inputs: { x: float(40) },
    fn: ({ x }) => tf.abs(tf.signal.stft(x as tf.Tensor1D, 16, 8, 16)),
    tolerance: TRIGONOMETRY,
  },
]
