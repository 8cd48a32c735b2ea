// A process of its own for one device of Node: reads model.onnx and crystals.json in a folder, leaves the profile there,
// and prints the values as JSON. Usage: in-node.ts DEVICE FOLDER

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ort from 'onnxruntime-node'
import type { NodeDevice } from '../../runtimes/node/devices.ts'
import { sessionOptions } from '../../runtimes/node/session.ts'
import { withoutTelemetry } from '../../runtimes/node/telemetry.ts'
import { measure } from './measure.ts'

const [device, folder] = process.argv.slice(2) as [NodeDevice, string]
ort.env.logLevel = 'fatal'
withoutTelemetry(process.env)
const values = await measure(
  ort,
  { ...sessionOptions({ device, threads: 1 }), profileFilePrefix: join(folder, 'profile') },
  device,
  readFileSync(join(folder, 'model.onnx')),
  JSON.parse(readFileSync(join(folder, 'crystals.json'), 'utf8')),
)
console.log(JSON.stringify(values))
