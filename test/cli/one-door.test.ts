// What every command that reads structures or labels takes: standard input, folders, archives and lists of files.

import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, it } from 'vitest'
import { exported } from '../runtimes/models.ts'
import { cli, example, shell, temporaryFolder } from './run.ts'

const folder = temporaryFolder()
const at = (name: string) => join(folder, name)
const [frames, packed, list, model] = ['frames.extxyz', 'frames.extxyz.gz', 'list.txt', 'model.onnx'].map(at)

function frame(energy: number, edge: number): string {
  return (
    `2\nLattice="${edge} 0 0 0 ${edge} 0 0 0 ${edge}" Properties=species:S:1:pos:R:3 energy=${energy}\n` +
    `Na 0 0 0\nCl ${edge / 2} ${edge / 2} ${edge / 2}\n`
  )
}

beforeAll(() => {
  const text = Array.from({ length: 6 }, (_, n) => frame(-n, 4 + 0.1 * n)).join('')
  writeFileSync(frames, text)
  writeFileSync(packed, gzipSync(text))
  writeFileSync(model, exported.bytes)
  mkdirSync(at('many/inner'), { recursive: true })
  copyFileSync(example('NaCl.cif'), at('many/a.cif'))
  copyFileSync(example('ZnO-wurtzite.cif'), at('many/inner/b.cif'))
  execFileSync('tar', ['-czf', at('many.tar.gz'), '-C', folder, 'many'])
  writeFileSync(list, `${at('many')}\n${frames}\n`)
})

const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

it('structure, predict, embed and screen: -, folders, archives and --files-from', async () => {
  const { stdout, stderr, code } = await shell(`
    set -e
    cx structure - --json < ${packed}; echo; cx structure --json ${at('many.tar.gz')}; echo
    cat ${list} | cx predict --files-from - -m ${model} --device cpu --json; echo
    cx screen --files-from ${list} -o ${at('out')} -m ${model} --workers 1 --format jsonl --json
  `)
  expect([code, stderr]).toEqual([0, expect.anything()])
  const [structures, archive, predictions, screened] = stdout.split(/\n\n/).map(linesOf)
  expect(structures.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5])
  expect(archive.map(({ formula }) => formula).sort()).toEqual(['Na4 Cl4', 'Zn2 O2'])
  expect(predictions.map(({ file, index }) => [file, index])).toEqual([
    [at('many/a.cif'), 0],
    [at('many/inner/b.cif'), 0],
    ...[0, 1, 2, 3, 4, 5].map((n) => [frames, n]),
  ])
  expect(screened.at(-1)).toMatchObject({ crystals: 8, failed: 0 })
}, 120_000)

it('data check and data convert: structures with labels, and sets of them', async () => {
  const { stdout, code, stderr } = await shell(`
    cx data convert - -o ${at('a.jsonl')} --json < ${packed}
    cx data convert --files-from ${list} -o ${at('b.jsonl')} --json
    cx data convert - -o ${at('c.jsonl')} --json < ${at('a.jsonl')}
    cx data check ${at('many.tar.gz')} --json
  `)
  const [first, second, third, checked] = linesOf(stdout)
  expect([code === 0 || code === 3, stderr]).toEqual([true, expect.anything()])
  expect([first.crystals, second.crystals, third.crystals, checked.crystals]).toEqual([6, 8, 6, 2])
  const energies = (name: string) =>
    linesOf(readFileSync(at(name), 'utf8')).map(({ targets }) => targets.energy)
  expect(energies('a.jsonl')).toEqual([0, -1, -2, -3, -4, -5])
  expect(energies('c.jsonl')).toEqual([0, -1, -2, -3, -4, -5])
  expect(energies('b.jsonl').slice(2)).toEqual([0, -1, -2, -3, -4, -5])
}, 120_000)

it('data substitute and data label: lists of files', async () => {
  // By paths that are the same in every run: of which crystals are made is a matter of the ids, which are made of them.
  const program = fileURLToPath(new URL('../data/label/pair-potential.mjs', import.meta.url))
  const { stdout, stderr, code } = await shell(`
    (cd ${folder} && printf 'many\nframes.extxyz\n' | cx data substitute --files-from - -o made.jsonl --count 3 --json)
    cx data label --files-from ${list} -o ${at('labelled.jsonl')} --command 'node ${program}' --json
    cx data substitute -o ${at('none.jsonl')}; echo $?
    cx data label - -o ${at('none.jsonl')} --command 'node ${program}' < ${frames}
  `)
  const [made, labelled, missing] = linesOf(stdout)
  expect([made.crystals, labelled.crystals, labelled.labelled, missing], stdout + stderr).toEqual([
    3, 8, 8, 2,
  ])
  expect([code, existsSync(at('none.jsonl'))]).toEqual([1, false])
  expect(stderr).toContain('standard input')
}, 120_000)

it('numbers that are written otherwise are a problem that names column and cell', async () => {
  const cif = readFileSync(example('NaCl.cif'), 'utf8')
  const rows = [0, 1, 2].map((n) => `m${n},Na4 Cl4,"-${n},50","${cif.replaceAll('"', '""')}"`)
  writeFileSync(at('commas.csv'), ['id,formula,e_form,cif', ...rows].join('\n'))
  const { code, lines } = await cli('data', 'check', at('commas.csv'), '--json')
  expect(code).toBe(3)
  const found = lines[0].findings.find(({ kind }: { kind: string }) => kind === 'text-column')
  const named = lines[0].findings.filter(({ kind }: { kind: string }) => kind === 'text-column')
  expect(named.map(({ message }: { message: string }) => /"(\w+)"/.exec(message)?.[1])).toContain('e_form')
  expect(found.severity).toBe('problem')
  expect(JSON.stringify(named)).toContain('-0,50')
}, 60_000)
