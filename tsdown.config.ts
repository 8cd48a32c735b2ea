import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    models: 'models/index.ts',
    exporters: 'exporters/index.ts',
    runtimes: 'runtimes/index.ts',
    training: 'src/training/index.ts',
    cli: 'src/cli/main.ts',
    'node.worker': 'runtimes/node/worker.ts',
  },
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  fixedExtension: false,
  dts: true,
  sourcemap: true,
})
