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
  /** The device that the fused engine has code for. */
  readonly fused: Device
  /** What `auto` tries, in order. */
  readonly auto: readonly Device[]
  /** Why `auto` leaves a device out without opening it; undefined when it is worth a try. */
  absent(device: Device): string | undefined | Promise<string | undefined>
  /** Whether the machine has what a device runs on, so that it is missed where it is absent. */
  hasHardware?(device: Device): boolean
  /** What a user can do when a device fails. */
  nextStep(device: Device): string
  /** Says that another device runs than the first of the order. */
  readonly warn?: (message: string) => void
  /** Whether a signature is of a text and an Ed25519 key of 32 bytes. @throws PlatformError where that cannot be told */
  verifies(signed: Signed): Promise<boolean>
}

export interface Signed {
  readonly key: Uint8Array
  readonly text: Uint8Array
  readonly signature: Uint8Array
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
  const order = orderOf(choice, platform)
  const passedOver: { device: Device; reason: string }[] = []
  let failure: DeviceError | undefined
  for (const device of order) {
    const absent = choice === 'auto' ? await platform.absent(device) : undefined
    if (absent !== undefined) {
      passedOver.push({ device, reason: absent })
      continue
    }
    try {
      const runtime = await open(device)
      const others = passedOver.map(({ device, reason }) => `passed over ${device}: ${reason}`)
      const chosen = runtime.note === undefined ? device : `${device} (${runtime.note})`
      const report = [chosen, ...others].join('; ')
      // Under `auto` nobody asked for a device that this machine cannot have; the report says it all the same.
      const missed =
        choice !== 'auto' || failure || passedOver.some(({ device }) => platform.hasHardware?.(device))
      if (missed && others.length > 0) platform.warn?.(`the model runs on ${report}`)
      return { runtime, passedOver, report }
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error
      failure = error
      // The report names the device itself.
      passedOver.push({ device, reason: error.message.replace(`device ${device} `, '') })
    }
  }
  if (order.length === 1 && failure) {
    throw new DeviceError(`${failure.message}; ${platform.nextStep(order[0])}`, { cause: failure })
  }
  const reasons = passedOver.map(({ device, reason }) => `${device}: ${reason}`)
  throw new DeviceError(`no device runs this model. ${reasons.join('; ')}`, { cause: failure })
}

function orderOf(choice: DeviceChoice, { devices, auto }: Platform): readonly Device[] {
  if (choice === 'auto') return auto
  const order = typeof choice === 'string' ? [choice] : [...new Set(choice)]
  const unknown = order.find((device) => !devices.includes(device))
  if (unknown !== undefined || order.length === 0) {
    const found = unknown === undefined ? 'an empty list of devices' : `device "${unknown}"`
    throw new ConfigError(`${found}: expected one or several of ${devices.join(', ')}, or auto`)
  }
  return order
}
