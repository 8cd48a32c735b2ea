// tfjs in plain JavaScript: slow, everywhere, for tests.

import { makeCurrent } from './global.ts'
import type { Started } from './started.ts'

export async function onJavaScript(): Promise<Started> {
  await makeCurrent('cpu')
  return { heap: undefined, takesHelpers: false }
}
