import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/built.ts', 'test/browser/install.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Some tests open sessions of onnxruntime themselves.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    maxWorkers: 2,
  },
})
