// Which device runs a model. onnxruntime never falls back by itself (asking for ['cuda', 'cpu'] throws where CUDA is
// missing), so the order, the reasons and the report are here. What devices a platform has is in node/ and web/.

import { ConfigError, DeviceError } from '../src/errors.ts'
import type { Device, Runtime } from './runtime.ts'

/** One device; several, tried in that order; or `auto`, the platform's own order. */
export type DeviceChoice = Device | 'auto' | readonly Device[]

/** The devices of a platform: Node, or a browser. */
export interface Platform {
  /** What can be named. */
  readonly devices: readonly Device[]
  /** What `auto` tries, in order. */
  readonly auto: readonly Device[]
  /** Why a device cannot be here, as far as that shows without opening it; undefined when it is worth a try. */
  absent(device: Device): string | undefined | Promise<string | undefined>
  /** What a user can do when a device fails. */
  nextStep(device: Device): string
}

export interface ChosenDevice {
  readonly runtime: Runtime
  /** One line: the device that runs, and why others were passed over. */
  readonly report: string
  /** Devices that were tried or looked for first, and why they do not run. */
  readonly passedOver: readonly { readonly device: Device; readonly reason: string }[]
}

/**
 * Opens the first device that works. `open` must throw a DeviceError for a device that is missing or that fails its
 * self-check; any other error ends the search.
 * @throws DeviceError with the next step when the named device, or every device, fails; ConfigError for a name that
 *   the platform does not know.
 */
export async function chooseDevice(
  choice: DeviceChoice,
  platform: Platform,
  open: (device: Device) => Promise<Runtime>,
): Promise<ChosenDevice> {
  const order = choice === 'auto' ? platform.auto : typeof choice === 'string' ? [choice] : choice
  const unknown = order.find((device) => !platform.devices.includes(device))
  if (unknown !== undefined || order.length === 0) {
    const found = unknown === undefined ? 'an empty list of devices' : `device "${unknown}"`
    throw new ConfigError(`${found}: expected one or several of ${platform.devices.join(', ')}, or auto`)
  }
  const passedOver: { device: Device; reason: string }[] = []
  for (const device of order) {
    const reason = choice === 'auto' ? await platform.absent(device) : undefined
    if (reason !== undefined) {
      passedOver.push({ device, reason })
      continue
    }
    try {
      const runtime = await open(device)
      const others = passedOver.map(({ device, reason }) => `passed over ${device}: ${reason}`)
      return { runtime, passedOver, report: [device, ...others].join('; ') }
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      if (order.length === 1) {
        throw new DeviceError(`${error.message}; ${platform.nextStep(device)}`, { cause: error })
      }
      passedOver.push({ device, reason: error.message })
    }
  }
  const reasons = passedOver.map(({ device, reason }) => `${device}: ${reason}`)
  throw new DeviceError(`no device runs this model. ${reasons.join('; ')}`)
}
