// The engines that compute a model, by name.

/** `fused`: our kernels, in native code or WebAssembly. `onnxruntime` runs every file on every device. */
export const ENGINE_NAMES = ['fused', 'onnxruntime'] as const
/** One of them. */
export type EngineName = (typeof ENGINE_NAMES)[number]
/** One engine, or the first of them that computes the model where it is to run, and passes the self-check. */
export type EngineChoice = EngineName | 'auto'
