// What the fused engine is compiled for, and with which flags: a row for every file of generated/.

/** An addon of Node, one file for all processors of a family. */
export interface AddonTarget {
  /** its name: platform and architecture as Node calls them */
  readonly name: string
  readonly triple: string
  /** kinds of processors that the forward pass is compiled for, by their names in source/variants.h; the last is in all */
  readonly variants: Readonly<Record<string, string>>
  readonly link: readonly string[]
}

/** A WebAssembly module. */
export interface ModuleTarget {
  readonly name: string
  readonly flags: readonly string[]
}

const X64 = { avx512: 'x86_64_v4', avx2: 'x86_64_v3', sse2: 'x86_64' }
// Node's functions are those of the process. A library of macOS has to need that of the system.
const LINUX = ['-nostdlib', '-Wl,--build-id=none']
const MACOS = ['-nostdlib', '-lSystem', '-Wl,-undefined,dynamic_lookup']
const WINDOWS = ['-nostdlib', '-lkernel32']

export const ADDONS: readonly AddonTarget[] = [
  { name: 'linux-x64', triple: 'x86_64-linux-gnu', variants: X64, link: LINUX },
  { name: 'linux-arm64', triple: 'aarch64-linux-gnu', variants: { neon: 'generic' }, link: LINUX },
  { name: 'darwin-x64', triple: 'x86_64-macos.11.0', variants: X64, link: MACOS },
  { name: 'darwin-arm64', triple: 'aarch64-macos.11.0', variants: { neon: 'apple_m1' }, link: MACOS },
  { name: 'win32-x64', triple: 'x86_64-windows-gnu', variants: X64, link: WINDOWS },
  { name: 'win32-arm64', triple: 'aarch64-windows-gnu', variants: { neon: 'generic' }, link: WINDOWS },
]

export const MODULES: readonly ModuleTarget[] = [
  { name: 'simd', flags: ['-msimd128'] },
  { name: 'relaxed-simd', flags: ['-msimd128', '-mrelaxed-simd', '-D__wasm_relaxed_simd__'] },
]

/** Of everything: nothing of the machine that compiles gets into a file, and a warning is an error. */
export const COMMON = ['-O3', '-g0', '-Wall', '-Wextra', '-Werror']
export const ADDON_FLAGS = [
  ...['-fPIC', '-fvisibility=hidden', '-fno-math-errno', '-fno-sanitize=all', '-ffp-contract=fast'],
]
export const MODULE_FLAGS = [
  ...['-target', 'wasm32-freestanding', '-nostdlib', '-ffp-contract=off', '-fno-delete-null-pointer-checks'],
  ...['-Wl,--no-entry', '-Wl,-z,stack-size=131072', '-Wl,--max-memory=4294901760', '-Wl,--strip-all'],
]
