// `structure FILES…`: reads structure files of any format and says what is in them.

import { Command } from 'commander'
import type { Site, Structure } from '../crystal/structure.ts'
import { type InputOptions, inputFiles, readInputs, structureInput } from './inputs.ts'
import { Output } from './output.ts'

interface Options extends InputOptions {
  primitive?: boolean
  json?: boolean
}

export function structureCommand(): Command {
  return structureInput(new Command('structure'))
    .description('read structure files of any format')
    .option('--primitive', 'reduce each to its primitive standard cell')
    .option('--json', 'JSON lines on stdout')
    .addHelpText(
      'after',
      `
Examples:
  crystal-onnx structure NaCl.cif POSCAR
  crystal-onnx structure archive.tar.gz folder/ --json
  zcat frames.extxyz.gz | crystal-onnx structure -
  crystal-onnx structure *.cif --json | jq 'select(.ordered | not) | .file'`,
    )
    .action(show)
}

async function show(
  named: string[],
  { primitive, json, ...options }: Options,
  command: Command,
): Promise<void> {
  const files = await inputFiles(named, options, command)
  const output = new Output(json ?? false)
  const { formula } = await import('../crystal/formula.ts')
  const { isOrdered } = await import('../crystal/structure.ts')
  const { latticeParameters, volume } = await import('../crystal/cell.ts')
  const { symbolOf } = await import('../crystal/elements.ts')
  const { toPrimitive } = await import('../crystal/standardise.ts')
  const rows: (string | number)[][] = []
  for await (const { file, index, warnings, error, structure: read } of readInputs(files, {
    elements: false,
  })) {
    for (const warning of warnings) output.warn(`${file}: ${warning}`)
    try {
      if (!read) throw error
      const structure = primitive ? await toPrimitive(read) : read
      output.line({
        file,
        index,
        formula: formula(structure),
        n_sites: structure.frac.length,
        volume: volume(structure.lattice),
        lattice: structure.lattice,
        frac: structure.frac,
        species: structure.species.map((site) => speciesOf(site, symbolOf)),
        ordered: isOrdered(structure),
        warnings,
      })
      if (!output.json) rows.push([file, index, ...summary(structure)])
    } catch (failure) {
      output.fail({ file, index }, failure)
    }
    await output.drained()
  }
  output.table(['file', '#', 'formula', 'sites', 'volume Å³', 'a b c Å', 'α β γ °', 'ordered'], rows)
  process.exitCode = output.exitCode()

  function summary(s: Structure): (string | number)[] {
    const [a, b, c, ...angles] = latticeParameters(s.lattice)
    return [
      formula(s),
      s.frac.length,
      volume(s.lattice).toFixed(3),
      [a, b, c].map((x) => x.toFixed(4)).join(' '),
      angles.map((x) => x.toFixed(2)).join(' '),
      isOrdered(s) ? 'yes' : 'no',
    ]
  }
}

/** The symbol of an ordered site; occupancy by symbol of any other. */
function speciesOf(site: Site, symbolOf: (z: number) => string): string | Record<string, number> {
  if (site.length === 1 && site[0].occupancy === 1) return symbolOf(site[0].element)
  return Object.fromEntries(site.map(({ element, occupancy }) => [symbolOf(element), occupancy]))
}
