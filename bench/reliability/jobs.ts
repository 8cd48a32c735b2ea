// The commands that write, each with inputs that take it a second or two, and what is left of each when all goes well.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './process.ts'

export interface Job {
  readonly name: string
  /** with its output in `folder` */
  readonly args: (folder: string) => string[]
  /** Name of the output: a file, or the folder of a run or of a screening. */
  readonly output: string
  readonly kind: 'file' | 'stdout' | 'run' | 'screen'
  /** Of what can be gone on with: how. */
  readonly again?: (folder: string) => string[]
}

export interface Reference {
  readonly job: Job
  /** Fingerprint of the output. */
  readonly output: string
  /** The text of an output on stdout. */
  readonly text: string
  readonly ms: number
  readonly kilobytes: number
}

const CHECKPOINT = fileURLToPath(
  new URL('../../test/fixtures/checkpoints/crystalformer_tiny.ckpt', import.meta.url),
)
const TINY = {
  num_layers: 1,
  model_dim: 16,
  head_num: 2,
  ff_dim: 16,
  embedding_dim: [16],
  value_pe_dist_real: 8,
}

/** Makes data and models in `folder`, and says what is run on them. */
export async function jobsIn(folder: string): Promise<Job[]> {
  mkdirSync(folder, { recursive: true })
  const at = (name: string) => join(folder, name)
  writeFileSync(at('tiny.json'), JSON.stringify(TINY))
  const train = (out: string) => [
    ...['train', at('60.jsonl'), '--target', 'lattice_energy', '--unit', 'eV/atom', '--threads', '2'],
    ...['--config', at('tiny.json'), '--epochs', '6', '--swa-epochs', '2', '-o', out],
  ]
  for (const args of [
    ['data', 'generate', '-o', at('60.jsonl'), '--count', '60'],
    ['data', 'generate', '-o', at('600.jsonl'), '--count', '600'],
    train(at('run')),
    ['export', at('run'), '-o', at('m.onnx'), '--outputs', 'embedding'],
  ]) {
    const { code, stderr } = await run(args)
    if (code !== 0) throw new Error(`crystal-onnx ${args.join(' ')}: exit code ${code}\n${stderr}`)
  }
  const model = ['-m', at('m.onnx'), '--device', 'cpu']
  const file = (name: string, output: string, ...args: string[]): Job => ({
    ...{ name, output, kind: 'file' },
    args: (place) => [...args, join(place, output)],
  })
  const printed = (name: string, ...args: string[]): Job => ({
    ...{ name, output: 'stdout', kind: 'stdout' },
    args: () => args,
  })
  const resumed = (place: string) => [...train(join(place, 'run')), '--resume']
  const screen = (name: string, ...args: string[]): Job => {
    const all = ['screen', at('600.jsonl'), ...model, '--rows', '50', ...args, '-o']
    const into = (place: string) => [...all, join(place, 'out')]
    return { name, output: 'out', kind: 'screen', args: into, again: into }
  }
  return [
    {
      ...{ name: 'train', output: 'run', kind: 'run', again: resumed },
      args: (place) => train(join(place, 'run')),
    },
    screen('screen', '--workers', '1'),
    screen('screen --workers 2', '--workers', '2'),
    screen('screen --format jsonl', '--format', 'jsonl'),
    file('export', 'm.onnx', 'export', at('run'), '-o'),
    file('export --to', 's.safetensors', 'export', at('run'), '--to', 'state_dict', '-o'),
    file('import', 'i.onnx', 'import', CHECKPOINT, '-o'),
    file('data generate', 'g.jsonl', 'data', 'generate', '--count', '600', '-o'),
    file('data convert', 'c.jsonl.gz', 'data', 'convert', at('600.jsonl'), '-o'),
    file('data check', 'c.html', 'data', 'check', at('60.jsonl'), '--html'),
    file('embed .jsonl', 'e.jsonl', 'embed', at('600.jsonl'), ...model, '-o'),
    file('embed .npy', 'e.npy', 'embed', at('600.jsonl'), ...model, '-o'),
    printed('predict --json', 'predict', at('600.jsonl'), ...model, '--json'),
    printed('predict --csv', 'predict', at('600.jsonl'), ...model, '--csv'),
    printed('structure --json', 'structure', at('600.jsonl'), '--json'),
  ]
}

export async function referenceOf(job: Job, folder: string): Promise<Reference> {
  mkdirSync(folder, { recursive: true })
  const stdout = join(folder, 'stdout')
  const { code, ms, stderr } = await run(job.args(folder), { stdout })
  // data check: 3 says that there is something to look at.
  if (code !== 0 && code !== 3) throw new Error(`${job.name}: exit code ${code}\n${stderr}`)
  const path = join(folder, job.output)
  const text = readFileSync(stdout, 'utf8')
  const largest = { run: 'report.html', screen: 'summary.html', file: '', stdout: '' }[job.kind]
  const bytes = readFileSync(join(path, largest)).length
  return { job, ms, text: plain(text), output: fingerprint(job, path), kilobytes: Math.ceil(bytes / 1024) }
}

/** Of what a command leaves; of a run, of everything that does not say how long it took. */
export function fingerprint(job: Job, path: string): string {
  if (!existsSync(path)) return 'nothing'
  if (job.kind === 'stdout') return digest(plain(readFileSync(path, 'utf8')))
  if (job.kind === 'file') return digest(readFileSync(path))
  if (job.kind === 'screen') return screeningIn(path)
  const kept = ['weights.safetensors', 'evaluation.json', 'metrics.jsonl']
  const files = [...kept, ...readdirSync(join(path, 'checkpoint')).map((name) => join('checkpoint', name))]
  const texts = files.map((name) => {
    const file = join(path, name)
    if (!existsSync(file)) return 'nothing'
    return name === 'metrics.jsonl' ? timeless(readFileSync(file, 'utf8')) : digest(readFileSync(file))
  })
  return digest(texts.join('\n'))
}

/** Of the parts of a screening, what says that they are finished, and the summary. */
function screeningIn(path: string): string {
  const names = readdirSync(path, { recursive: true }).map(String).sort()
  const files = names.filter((name) => /\.(?:parquet|jsonl|json|csv)$/.test(name))
  return digest(files.map((name) => `${name} ${digest(readFileSync(join(path, name)))}`).join('\n'))
}

/** Without the time that each prediction took. */
export function plain(text: string): string {
  return text.replace(/"ms":[\d.e-]+|,[\d.e-]+,$/gm, '')
}

function timeless(metrics: string): string {
  return metrics.replace(/,"seconds":[\d.e-]+,"peak_memory_mb":\d+/g, '')
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12)
}
