// The kernels of source/, by the names that they have there.

/** What source/training.h lists; arguments are numbers and places, in the order of the comment of the kernel. */
export const KERNEL_NAMES = [
  'adam_w',
  'densities_backward',
  'densities_forward',
  'gather_rows',
  'image_frames',
  'matmul',
  'profile_backward',
  'profile_forward',
  'radial_basis',
  'scatter_add_rows',
  'sum_of_squares',
  'sum_rows',
  'values_backward',
  'values_forward',
  'weights_backward',
  'weights_forward',
] as const

export type KernelName = (typeof KERNEL_NAMES)[number]
/** Each takes plain numbers and places, bytes from the beginning of the memory. */
export type Kernels = Readonly<Record<KernelName, (...of: number[]) => number>>
