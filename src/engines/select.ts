// Which tfjs backend trains. The native ones are optional peers that may be missing, installed without their binary, or
// too old for this Node; a missing one is passed over with its reason, unless it was asked for by name.

import { TrainingError } from '../errors.ts'
import { AUTOMATIC, BACKEND_TABLE, BACKENDS, type BackendName } from './backends.ts'
import type { Engine } from './engine.ts'

/**
 * Makes an engine and says which and why; its backend is the current one of tfjs from then on. 'auto' takes the first of the
 * table that starts.
 * @throws TrainingError when the backend asked for does not start, with the cause and the next step.
 */
export async function selectBackend(name: 'auto' | BackendName = 'auto'): Promise<Engine> {
  if (name !== 'auto') {
    const { about, nextStep, start } = rowOf(name)
    try {
      return { name, reason: `${about}, as asked for`, passedOver: [], ...(await start()) }
    } catch (cause) {
      throw new TrainingError(`backend "${name}": ${explain(cause)}; ${nextStep}`, { cause })
    }
  }
  const passedOver: { name: BackendName; why: string }[] = []
  for (const each of AUTOMATIC) {
    try {
      const started = await BACKEND_TABLE[each].start()
      const reason = `${BACKEND_TABLE[each].about}, the fastest that is here`
      return { name: each, reason, passedOver, ...started }
    } catch (cause) {
      passedOver.push({ name: each, why: explain(cause) })
    }
  }
  const reasons = passedOver.map((p) => `${p.name}: ${p.why}`).join('; ')
  throw new TrainingError(`no backend starts (${reasons}); reinstall crystal-onnx`)
}

function rowOf(name: BackendName) {
  if (!Object.hasOwn(BACKEND_TABLE, name)) {
    throw new TrainingError(`backend "${name}" is not one of auto, ${BACKENDS.join(', ')}`)
  }
  return BACKEND_TABLE[name]
}

/** The first line of what went wrong; a missing package as such. */
export function explain(cause: unknown): string {
  const { code, message } = cause as { code?: string; message?: string }
  if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
    // "Cannot find module 'x'" of a file inside an installed package means that its native binary was not fetched.
    const missing = /Cannot find (?:module|package) '([^']+)'/.exec(message ?? '')?.[1] ?? 'its package'
    return /\.node$|^[/\\.]|^[A-Z]:/.test(missing)
      ? `its native binary is missing (${missing})`
      : `${missing} is not installed`
  }
  if (/native addon/.test(message ?? '')) return 'its native binary was not fetched when it was installed'
  return (message ?? String(cause)).split('\n')[0].trim()
}
