// `serve MODEL…`: predictions over HTTP and gRPC in the Open Inference Protocol, until a signal ends it.

import { Command } from 'commander'
import { type ServeOptions, serveOptions, settingsOf } from './serve-options.ts'
import { firstSignal } from './signals.ts'
import { stderr, stdout } from './standard-streams.ts'

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('answer requests for predictions over HTTP and gRPC (Open Inference Protocol v2)')
    .argument(
      '[models...]',
      'model files, or names of those that come with the package; NAME=FILE to name one',
    )
  for (const option of serveOptions()) command.addOption(option)
  return command
    .addHelpText(
      'after',
      `
Every option is a variable of the environment, too. SIGTERM and SIGINT end it when what was accepted is answered, with 0.

Examples:
  crystal-onnx serve formation-energy
  crystal-onnx serve gap=band-gap.onnx model.onnx --port 9000 --grpc-port off
  crystal-onnx serve --repository models/ --host 0.0.0.0 --api-key-file keys.txt --json
  CRYSTAL_ONNX_API_KEY=… crystal-onnx serve model.onnx --tls-cert cert.pem --tls-key key.pem
  crystal-onnx serve model.onnx --upstream grpc://gpu1:8001 --upstream grpc://gpu2:8001
  curl -F file=@NaCl.cif http://127.0.0.1:8000/predict`,
    )
    .action(serve)
}

async function serve(models: string[], options: ServeOptions, command: Command): Promise<void> {
  const { repository, tlsCert, tlsKey, json = false } = options
  if (models.length === 0 && repository === undefined) {
    return command.error('error: no models: name some, or a folder of them with --repository')
  }
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    return command.error('error: --tls-cert and --tls-key belong together: give both')
  }
  // What other commands need not load.
  const { startServer } = await import('../server/server.ts')
  const { logOf } = await import('../server/log.ts')
  const log = logOf({ json, write: (line) => void (json ? stdout : stderr).write(line) })
  const signal = firstSignal('ended by a signal before the models were loaded', () =>
    log.info('a signal came'),
  )
  const settings = await settingsOf(models, options)
  if (!isLocal(options.host) && options.apiKey === undefined && options.apiKeyFile === undefined) {
    log.warn(
      { host: options.host },
      'whoever reaches this address may ask: set --api-key-file, or a proxy before it',
    )
  }
  const { url, grpc, stop } = await startServer({ ...settings, log, signal })
  log.info({ url, grpc }, 'listening')
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
  await stop(options.drain * 1000)
  log.info('ended')
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
