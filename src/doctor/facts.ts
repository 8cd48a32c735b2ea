// All facts about a machine that decide where models run.

import type { CudaFacts } from './cuda.ts'
import type { InstallFacts } from './install-scripts.ts'
import type { NvidiaFacts } from './nvidia.ts'
import type { PlatformFacts } from './platform.ts'
import type { Probed } from './probe.ts'
import type { VulkanFacts } from './vulkan.ts'

export interface Facts extends PlatformFacts {
  readonly install: InstallFacts
  readonly nvidia: NvidiaFacts
  /** of Linux only */
  readonly cuda?: CudaFacts
  /** of Linux only */
  readonly vulkan?: VulkanFacts
  readonly devices: readonly Probed[]
  /** what `auto` takes; null where nothing of its order runs */
  readonly default_device: string | null
}
