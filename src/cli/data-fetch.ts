// `data fetch NAME`: a public data set as JSON lines, from its published address. Without a name: the list of those known.

import { Argument, Command } from 'commander'
import { SOURCES, sourceNamed } from '../data/fetch/sources.ts'
import { EXIT } from './exit.ts'
import { Output } from './output.ts'
import { checkOutputFile } from './output-file.ts'
import { checkNamedLines } from './output-name.ts'
import { type Progress, progressBar } from './progress.ts'
import { firstSignal } from './signals.ts'

interface Options {
  output?: string
  json?: boolean
}

export function dataFetchCommand(): Command {
  return new Command('fetch')
    .description('download a public data set and write it as JSON lines')
    .addArgument(
      new Argument('[name]', 'its name; without one, a table of them').choices(
        SOURCES.map(({ name }) => name),
      ),
    )
    .option('-o, --output <file>', 'a .jsonl or .jsonl.gz file; <name>.jsonl.gz by default')
    .option('--json', 'one JSON object on stdout; one a source for the list')
    .addHelpText(
      'after',
      `
The published files are kept beside the output. An interrupted download is gone on with the next time.

Examples:
  crystal-onnx data fetch
  crystal-onnx data fetch matbench_mp_e_form -o data/e_form.jsonl.gz`,
    )
    .action(fetchOrList)
}

async function fetchOrList(name: string | undefined, options: Options): Promise<void> {
  const output = new Output(options.json ?? false)
  if (name === undefined) return list(output)
  const { defaultOutput, fetchDataset } = await import('../data/fetch/fetch.ts')
  const source = sourceNamed(name)
  const signal = firstSignal('interrupted; the same command goes on with it')
  const bars = new Bars()
  const file = options.output ?? defaultOutput(source)
  await checkOutputFile(file)
  checkNamedLines(file)
  output.note(`${source.title}\n${source.citation}; ${source.licence}; ${source.page}`)
  try {
    const fetched = await fetchDataset(source, file, {
      signal,
      onDownload: ({ name: part }, bytes, total) =>
        bars.of(`download ${part}`).update(...percent(bytes, total)),
      onRetry: (reason, wait) => output.warn(`${reason}; again in ${(wait / 1000).toFixed(0)} s`),
      onConvert: ({ name: part }, { bytes, totalBytes }) =>
        bars.of(`convert ${part}`).update(...percent(bytes, totalBytes)),
      onBadRecord: (error) => output.fail({ file }, error),
    })
    bars.stop()
    for (const { path, checksum, published } of fetched.files) {
      if (!published)
        output.warn(`${path}: no checksum is published; its ${checksum.algorithm} is ${checksum.hex}`)
    }
    output.line(
      {
        ...{ file, source: source.name, crystals: fetched.crystals, published: source.crystals },
        ...{ targets: source.targets, licence: source.licence, citation: source.citation },
        files: fetched.files,
      },
      `${file}: ${fetched.crystals} of ${source.crystals} published crystals, with ${Object.entries(
        source.targets,
      )
        .map(([target, unit]) => `${target} (${unit})`)
        .join(', ')}`,
    )
    process.exitCode = output.exitCode()
  } finally {
    bars.stop()
  }
}

function list(output: Output): void {
  for (const { idOfRow: _, ...source } of SOURCES) output.line(source)
  output.table(
    ['name', 'crystals', 'targets', 'what'],
    SOURCES.map(({ name, crystals, targets, title }) => [
      name,
      crystals,
      Object.keys(targets).join(', ').slice(0, 60),
      title,
    ]),
  )
  process.exitCode = EXIT.ok
}

/** Per cent done, and megabytes. */
function percent(bytes: number, total: number | undefined): [done: number, detail: string] {
  const megabytes = `${(bytes / 1e6).toFixed(1)} MB`
  return total ? [Math.floor((100 * bytes) / total), megabytes] : [0, megabytes]
}

/** One bar after the other. */
class Bars {
  private title = ''
  private bar: Progress | undefined

  of(title: string): Progress {
    if (this.bar === undefined || title !== this.title) {
      this.stop()
      this.title = title
      this.bar = progressBar(title, 100)
    }
    return this.bar
  }

  stop(): void {
    this.bar?.stop()
    this.bar = undefined
  }
}
