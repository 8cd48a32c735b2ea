import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { CLI, cli } from '../cli/run.ts'

const SALT = {
  lattice: [
    [4, 0, 0],
    [0, 4, 0],
    [0, 0, 4],
  ],
  frac: [
    [0, 0, 0],
    [0.5, 0.5, 0.5],
  ],
  numbers: [11, 17],
}

it('one answer a line, in order; bad lines have one too, and nobody who waits has to send more', async () => {
  const child = spawn(process.execPath, [CLI, 'screen', '--stdio', '-m', 'formation-energy'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => JSON.parse((await lines.next()).value!)
  const ask = (text: string) => child.stdin.write(`${text}\n`)

  ask(JSON.stringify({ id: 'a', structure: SALT }))
  const first = await answer()
  expect(first).toMatchObject({ id: 'a', property: 'e_form', unit: 'eV/atom', domain: { inside: true } })
  expect(first.value).toBeLessThan(0)

  for (const text of [
    'nonsense',
    '{"id": 7, "structure": {"lattice": 1}}',
    '{"id": [1]}',
    '[]',
    '"text"',
    JSON.stringify({ id: 'batch', structures: [SALT, null, 'data_x', SALT] }),
    '{"id": "none", "structures": []}',
    '',
    JSON.stringify({ id: null, structure: '2\nLattice="4 0 0 0 4 0 0 0 4"\nNa 0 0 0\nCl 2 2 2\n' }),
  ]) {
    ask(text)
  }
  child.stdin.end()
  const answers = []
  for (let n = 0; n < 8; n++) answers.push(await answer())
  expect(answers.map(({ id }) => id)).toEqual([null, 7, [1], null, null, 'batch', 'none', null])
  expect(answers.slice(0, 5).map(({ error }) => error.code)).toEqual([
    ...['PARSE', 'PARSE', 'STRUCTURE', 'STRUCTURE', 'STRUCTURE'],
  ])
  expect(answers[5].results.map((one: { error?: { code: string } }) => one.error?.code)).toEqual([
    ...[undefined, 'STRUCTURE', 'PARSE', undefined],
  ])
  expect(answers[5].results[3].value).toBeCloseTo(first.value, 6)
  expect(answers[6].results).toEqual([])
  expect(answers[7].value).toBeCloseTo(first.value, 6)
  if (child.exitCode === null) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
})

it('takes no files and nothing of an output', async () => {
  expect((await cli('screen', '--stdio', 'a.cif')).code).toBe(2)
  expect((await cli('screen', '--stdio', '-o', 'out')).code).toBe(2)
})
