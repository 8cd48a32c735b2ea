// The options `--device` and `--engine` of every command that runs a model: one device, several in the order to try, or
// auto; and what computes there.

import { InvalidArgumentError, Option } from 'commander'
import type { DeviceChoice } from '../../runtimes/choose-device.ts'
import { ENGINE_NAMES } from '../../runtimes/engine-name.ts'
import { NODE_DEVICES, type NodeDevice } from '../../runtimes/node/devices.ts'

export function deviceOption(): Option {
  return new Option(
    '--device <devices>',
    `where to run: ${NODE_DEVICES.join(', ')}; several, with commas, in the order to try; or auto`,
  )
    .argParser(deviceChoice)
    .default('auto')
}

export function engineOption(): Option {
  return new Option('--engine <engine>', 'what computes: our own kernels, onnxruntime, or the first that can')
    .choices([...ENGINE_NAMES, 'auto'])
    .default('auto')
}

/** A name alone fails with the next step where its device does not run; a list goes on to the next. */
export function deviceChoice(text: string): DeviceChoice {
  if (text === 'auto') return 'auto'
  const devices = namedDevices(text)
  return devices.length === 1 ? devices[0] : devices
}

export function namedDevices(text: string): NodeDevice[] {
  const names = text.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !NODE_DEVICES.some((device) => device === name))
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is none of ${NODE_DEVICES.join(', ')}, auto.`)
  }
  return names as NodeDevice[]
}
