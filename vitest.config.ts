import { defineConfig } from 'vitest/config'

/** What drives WebGPU emulation, bundlers, whole pages and installed packages, or takes minutes: `npm run test:integration`. */
const INTEGRATION = 'test/integration/**/*.test.ts'

/**
 * Tests of values in, values out, which leave nothing behind in the modules that they import: files that come after each other
 * share these, which takes little more than half of the time.
 */
const TOGETHER =
  'test/{client,crystal,data,domain,exporters/crystal,golden,hull,math,models,parquet,periodic,published,report,torch,viewer}/**/*.test.ts'

export default defineConfig({
  test: {
    globalSetup: ['test/temporary.ts', 'test/built.ts', 'test/browser/install.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Some tests open sessions of onnxruntime themselves.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'core', include: ['test/**/*.test.ts'], exclude: [INTEGRATION, TOGETHER] },
      },
      { extends: true, test: { name: 'together', include: [TOGETHER], isolate: false } },
      { extends: true, test: { name: 'integration', include: [INTEGRATION] } },
    ],
  },
})
