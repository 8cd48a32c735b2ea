// What onnxruntime would tell others. Bundles for browsers have this file, too: nothing of Node's is imported.

/**
 * onnxruntime (1.29 and later, but on Windows) keeps a device id and a database of events under the home folder, the
 * metadata of every model that it opens among them, and sends them. It also matches a regular expression against the
 * command line, whose recursion overflows the stack from some 15 kB of arguments on. ORT_DISABLE_TELEMETRY=0 has it on.
 */
export function withoutTelemetry(env: NodeJS.ProcessEnv): void {
  env.ORT_DISABLE_TELEMETRY ??= '1'
}
