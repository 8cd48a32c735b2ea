// Every list of names in the help of a command follows from its table, and the documents name all of them.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { FRAME_METHODS } from '../../models/crystalframer/name.ts'
import { PRESETS } from '../../models/network.ts'
import { NETWORKS } from '../../models/networks.ts'
import { NODE, NODE_DEVICES } from '../../runtimes/node/devices.ts'
import type { Device } from '../../runtimes/runtime.ts'
import { WEB_DEVICES } from '../../runtimes/web/devices.ts'
import { dataCheckCommand } from '../../src/cli/data-check.ts'
import { dataConvertCommand } from '../../src/cli/data-convert.ts'
import { embedCommand } from '../../src/cli/embed.ts'
import { evaluateCommand } from '../../src/cli/evaluate.ts'
import { predictCommand } from '../../src/cli/predict.ts'
import { structureCommand } from '../../src/cli/structure.ts'
import { trainCommand } from '../../src/cli/train.ts'
import { listOfFormats } from '../../src/crystal/formats/known.ts'
import { FORMATS } from '../../src/crystal/formats/table.ts'
import { listOfForms } from '../../src/data/formats/table.ts'
import { AUTOMATIC, BACKENDS } from '../../src/engines/backends.ts'

const help = (command: Command) => command.helpInformation().replace(/\s+/g, ' ')
const document = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')
/** First cells of the rows of all tables in a document that are a name in code. */
const rowsOf = (name: string) =>
  [...document(name).matchAll(/^\| `([\w-]+)`(?: \([^)]*\))? \|/gm)].map(([, cell]) => cell)

describe('help', () => {
  it('lists the formats of structure files', () => {
    for (const command of [structureCommand(), predictCommand(), embedCommand()]) {
      expect(help(command)).toContain(listOfFormats(FORMATS))
    }
  })

  it('lists the forms of data sets', () => {
    const commands = [dataCheckCommand(), dataConvertCommand(), trainCommand(), evaluateCommand()]
    for (const command of commands) expect(help(command)).toContain(listOfForms())
  })

  it('lists devices, networks, presets, frames and backends', () => {
    expect(help(predictCommand())).toContain(`where to run: ${NODE_DEVICES.join(', ')}`)
    const choices = new Map(trainCommand().options.map(({ long, argChoices }) => [long, argChoices]))
    expect(help(trainCommand())).toContain(NETWORKS.map(({ name }) => name).join(', '))
    expect(choices.get('--preset')).toEqual(PRESETS)
    expect(choices.get('--frames')).toEqual(FRAME_METHODS)
    expect(choices.get('--backend')).toEqual(['auto', ...BACKENDS])
  })
})

describe('documents', () => {
  it('docs/gpu.md has a row for each device of Node, with its place in auto', () => {
    expect(rowsOf('gpu.md').slice(0, NODE_DEVICES.length)).toEqual(NODE_DEVICES)
    const places = new Map(
      [...document('gpu.md').matchAll(/^\| `(\w+)` \|[^|]*\| (\w+) \|$/gm)].map(([, name, place]) => [
        name,
        place,
      ]),
    )
    for (const device of NODE_DEVICES) {
      const place = ['no', 'first', 'second', 'third'][NODE.auto.indexOf(device) + 1]
      expect(`${device} ${places.get(device)}`).toBe(`${device} ${place}`)
    }
  })

  it('docs/browser.md names the devices of browsers', () => {
    expect(document('browser.md')).toContain(
      `${WEB_DEVICES.map((name) => `\`'${name}'\``).join(', ')}, or a list`,
    )
  })

  it('docs/training.md has a row for each backend, in the order of auto, and for each preset', () => {
    const rows = rowsOf('training.md')
    expect(rows.filter((name) => (BACKENDS as string[]).includes(name))).toEqual(BACKENDS)
    expect(rows.filter((name) => (PRESETS as readonly string[]).includes(name)).sort()).toEqual(
      [...PRESETS].sort(),
    )
    expect(BACKENDS.filter((name) => !AUTOMATIC.includes(name))).toEqual(['webgpu'])
    expect(document('training.md')).toContain(NETWORKS.map(({ name }) => name).join('|'))
  })

  it('docs/mathematics.md has a row for each kind of frame', () => {
    for (const method of FRAME_METHODS) expect(rowsOf('mathematics.md')).toContain(method)
  })
})

it('a device is in the table of Node, of browsers, or of both, or stands for other servers', () => {
  const everywhere: readonly Device[] = [...NODE_DEVICES, ...WEB_DEVICES, 'upstream']
  const names: Record<Device, true> = {
    ...{ cpu: true, cuda: true, tensorrt: true, webgpu: true },
    ...{ dml: true, coreml: true, wasm: true, upstream: true },
  }
  expect([...new Set(everywhere)].sort()).toEqual(Object.keys(names).sort())
})
