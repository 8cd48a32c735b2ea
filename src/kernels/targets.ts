// The programs that are compiled from C, what for, and with which flags: a row for every file of their generated/.

/** An addon of Node, one file for all processors of a family. */
export interface AddonTarget {
  /** its name: platform and architecture as Node calls them */
  readonly name: string
  readonly triple: string
  /** kinds of processors, by their names in source/processor.h; the last is in all */
  readonly kinds: Readonly<Record<string, string>>
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
  { name: 'linux-x64', triple: 'x86_64-linux-gnu', kinds: X64, link: LINUX },
  { name: 'linux-arm64', triple: 'aarch64-linux-gnu', kinds: { neon: 'generic' }, link: LINUX },
  { name: 'darwin-x64', triple: 'x86_64-macos.11.0', kinds: X64, link: MACOS },
  { name: 'darwin-arm64', triple: 'aarch64-macos.11.0', kinds: { neon: 'apple_m1' }, link: MACOS },
  { name: 'win32-x64', triple: 'x86_64-windows-gnu', kinds: X64, link: WINDOWS },
  { name: 'win32-arm64', triple: 'aarch64-windows-gnu', kinds: { neon: 'generic' }, link: WINDOWS },
]

/** Of everything: nothing of the machine that compiles gets into a file, and a warning is an error. */
export const COMMON = ['-O3', '-g0', '-Wall', '-Wextra', '-Werror']
export const ADDON_FLAGS = [
  ...['-fPIC', '-fvisibility=hidden', '-fno-math-errno', '-fno-sanitize=all', '-ffp-contract=fast'],
]
export const MODULE_FLAGS = [
  ...['-target', 'wasm32-freestanding', '-nostdlib', '-ffp-contract=off', '-fno-delete-null-pointer-checks'],
  ...['-Wl,--no-entry', '-Wl,--strip-all'],
]

const SIMD: ModuleTarget = { name: 'simd', flags: ['-msimd128'] }
const RELAXED_SIMD: ModuleTarget = {
  name: 'relaxed-simd',
  flags: ['-msimd128', '-mrelaxed-simd', '-D__wasm_relaxed_simd__'],
}

/** In float64, for what float32 cannot decide. */
const IN_DOUBLE = ['-DDOUBLE']
const DOUBLE: ModuleTarget = { name: 'double', flags: ['-msimd128', ...IN_DOUBLE] }

/** An addon of Node for all of ADDONS. */
export interface AddonRow {
  /** before their names: they lie in one folder in the package */
  readonly prefix: string
  /** compiled for every kind of processor, and once */
  readonly perKind: string
  readonly once: readonly string[]
  readonly flags: readonly string[]
}

/** Code in C: what its folder source/ holds becomes the files of the folder generated/ beside it. */
export interface Program {
  /** from the root of the project */
  readonly folder: string
  readonly addons: readonly AddonRow[]
  readonly modules: readonly ModuleTarget[]
  readonly moduleFlags: readonly string[]
}

/** Its stack and constants lie in its own memory. */
const OWN_MEMORY = ['-Wl,-z,stack-size=131072', '-Wl,--max-memory=4294901760']
/** The memory is that of a heap, which has a place for the stack; there are no constants beside the code. */
const MEMORY_OF_HEAP = [
  ...['-Wl,--import-memory', '-Wl,--initial-memory=0', '-Wl,-z,stack-size=0'],
  '-Wl,--export=__stack_pointer',
]

const FORWARD = { perKind: 'forward.c', once: ['tables.c'] }
export const FUSED: Program = {
  folder: 'runtimes/fused',
  addons: [
    { ...FORWARD, prefix: '', flags: [] },
    { ...FORWARD, prefix: 'double-', flags: IN_DOUBLE },
  ],
  modules: [SIMD, RELAXED_SIMD, DOUBLE],
  moduleFlags: OWN_MEMORY,
}

export const TRAINING: Program = {
  folder: 'src/engines',
  addons: [{ prefix: 'training-', perKind: 'training.c', once: [], flags: [] }],
  // The same numbers on every machine.
  modules: [SIMD],
  moduleFlags: MEMORY_OF_HEAP,
}

export const DOMAIN: Program = {
  folder: 'src/domain',
  addons: [],
  modules: [SIMD],
  moduleFlags: ['-Wl,-z,stack-size=1024'],
}

export const PROGRAMS: readonly Program[] = [FUSED, TRAINING, DOMAIN]
