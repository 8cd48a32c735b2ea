// Who may train in a folder: one process at a time, and the next one when that is gone, however it went.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { bootOf } from '../../src/files/processes.ts'
import { trainEnsemble } from '../../src/training/ensemble.ts'
import { holdFolder } from '../../src/training/lock.ts'
import { train } from '../../src/training/run.ts'
import { labelled } from './crystals.ts'
import { tinyRun } from './tiny.ts'

const root = mkdtempSync(join(tmpdir(), 'crystal-onnx-lock-'))
let count = 0
const newFolder = () => join(root, `run-${count++}`)

/** A folder with a lock that says this, touched so many ms ago. */
function locked(holder: object | string, ago = 0): { folder: string; lock: string } {
  const folder = newFolder()
  mkdirSync(folder)
  const lock = join(folder, 'lock.json')
  writeFileSync(lock, typeof holder === 'string' ? holder : JSON.stringify(holder))
  const time = new Date(Date.now() - ago)
  utimesSync(lock, time, time)
  return { folder, lock }
}

it('refuses a second training in a folder, in an ensemble and in a member', async () => {
  const folder = newFolder()
  const held = await holdFolder(folder)
  const run = tinyRun(folder, labelled(16))
  const refusal = `process ${process.pid} trains in ${folder} already`
  await expect(train(run)).rejects.toThrow(refusal)
  await expect(train({ ...run, resume: true })).rejects.toThrow(refusal)
  await expect(trainEnsemble(run, 2)).rejects.toThrow(refusal)
  await held.release()
  const member = await holdFolder(join(folder, 'member-0'))
  await expect(trainEnsemble(run, 2)).rejects.toThrow(`trains in ${folder}/member-0 already`)
  await member.release()
  expect(existsSync(join(folder, 'lock.json'))).toBe(false)
})

it('leaves no lock behind, and no folder where a run was refused', async () => {
  const folder = newFolder()
  await expect(train(tinyRun(folder, labelled(16), { targets: [] }))).rejects.toThrow('no target')
  expect(existsSync(folder)).toBe(false)
  await train(tinyRun(folder, labelled(16)))
  expect(existsSync(join(folder, 'lock.json'))).toBe(false)
})

it('takes over from processes that are gone: by number, by start, and locks half written', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  const stale = [
    { pid: child.pid!, host: hostname(), boot: bootOf() },
    // The number of this process, which did not start then, or on a machine that has started again since.
    { pid: process.pid, host: hostname(), boot: bootOf(), started: '17' },
    { pid: process.pid, host: hostname(), boot: 'another' },
    '{"pid": 1',
    '',
  ]
  for (const holder of stale.slice(0, existsSync('/proc/self/stat') ? 5 : 1)) {
    const { folder, lock } = locked(holder)
    const held = await holdFolder(folder)
    expect(JSON.parse(readFileSync(lock, 'utf8')).pid).toBe(process.pid)
    await held.release()
  }
})

it('names a process on another machine, and takes over once that shows no life', async () => {
  const elsewhere = { pid: 7, host: 'node-17', boot: 'its own' }
  const fresh = locked(elsewhere)
  await expect(holdFolder(fresh.folder)).rejects.toThrow(
    /process 7 on node-17 trains in .* already; .* it showed life 0 s ago, and counts as dead after 120 s without/,
  )
  await (await holdFolder(locked(elsewhere, 121_000).folder)).release()
  // With `wait` it is waited for; a lock that is touched meanwhile is refused.
  const said: string[] = []
  const onWait = (why: string) => void said.push(why)
  await (await holdFolder(locked(elsewhere, 119_500).folder, { wait: true, onWait })).release()
  expect(said).toEqual([expect.stringContaining('waiting for that')])
  const waiting = holdFolder(fresh.folder, { wait: true })
  setTimeout(() => utimesSync(fresh.lock, new Date(), new Date()), 100)
  await expect(waiting).rejects.toThrow('process 7 on node-17')
})

it('is released by a signal that can be caught, and taken over after one that cannot', async () => {
  const module = fileURLToPath(new URL('../../src/training/lock.ts', import.meta.url))
  const program = `import { holdFolder } from ${JSON.stringify(module)}
    await holdFolder(process.argv[1]); await holdFolder(process.argv[1] + '/member-0'); console.log('held'); setInterval(() => {}, 1000)`
  const killed = async (signal: NodeJS.Signals) => {
    const folder = newFolder()
    const args = ['--import', 'tsx', '--input-type=module', '-e', program, folder]
    const child = spawn(process.execPath, args)
    await once(child.stdout, 'data')
    await expect(holdFolder(folder)).rejects.toThrow(`process ${child.pid} trains in`)
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([null, signal])
    return folder
  }
  const [terminated, killedHard] = await Promise.all([killed('SIGTERM'), killed('SIGKILL')])
  expect(existsSync(join(terminated, 'lock.json'))).toBe(false)
  expect(existsSync(join(terminated, 'member-0/lock.json'))).toBe(false)
  expect(existsSync(join(killedHard, 'lock.json'))).toBe(true)
  await (await holdFolder(killedHard)).release()
})
