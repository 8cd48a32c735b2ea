// Names of outputs that say something else than what is written: a model called d.jsonl takes the place of a data set, and
// lines of JSON called x.csv are read as CSV.

import { OutputError } from '../errors.ts'

const OTHERS = 'csv|tsv|cif|xyz|extxyz|vasp|pdb|parquet|npy|npz|html?|zip|tar|tgz'
const NO_LINES = new RegExp(String.raw`\.(?:${OTHERS}|onnx|safetensors|ckpt|bz2|xz|zst)(?:\.gz)?$`, 'i')
const NO_MODEL = new RegExp(String.raw`\.(?:${OTHERS}|jsonl?|ndjson|gz|bz2|xz|zst)$`, 'i')

/** For JSON lines; what has no such ending is the user's business. @throws OutputError */
export function checkNamedLines(path: string): void {
  if (!NO_LINES.test(path)) return
  throw new OutputError(`${path}: JSON lines are written, expected a name such as set.jsonl or set.jsonl.gz`)
}

/** For a model or its weights. @throws OutputError */
export function checkNamedModel(path: string): void {
  if (!NO_MODEL.test(path)) return
  throw new OutputError(`${path}: a model is written, expected a name such as model.onnx`)
}
