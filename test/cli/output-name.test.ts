// Names of outputs that say something else than what is written.

import { expect, it } from 'vitest'
import { checkNamedLines, checkNamedModel } from '../../src/cli/output-name.ts'
import { OutputError } from '../../src/errors.ts'

it.each(['x.csv', 'x.csv.gz', 'x.cif', 'x.extxyz', 'x.parquet', 'x.zip', 'x.onnx', 'x.jsonl.bz2'])(
  'JSON lines are not called %s',
  (name) => expect(() => checkNamedLines(name)).toThrow(OutputError),
)
it.each(['d.jsonl', 'd.jsonl.gz', 'd.json', 'd.csv', 'report.html', 'x.zip'])(
  'a model is not called %s',
  (name) => expect(() => checkNamedModel(name)).toThrow(/expected a name such as model\.onnx/),
)
it.each(['set.jsonl', 'set.jsonl.gz', 'set.ndjson', 'set.json', 'set', '/dev/stdout', 'a.csv/set', 'v1.2'])(
  'JSON lines may be called %s',
  (name) => expect(() => checkNamedLines(name)).not.toThrow(),
)
it.each(['m.onnx', 'm', 'm.pt', 'm.ckpt', 'm.safetensors', '/dev/null', 'm.v1.2', 'repository'])(
  'a model may be called %s',
  (name) => expect(() => checkNamedModel(name)).not.toThrow(),
)
