import { defineConfig } from 'vitest/config'
export default defineConfig({ root:'/work/main', test: { testTimeout: 60000, hookTimeout: 60000, pool: 'forks', env: { ORT_DISABLE_TELEMETRY: '1' }, maxWorkers: 1, isolate: process.env.ISO !== '0', globalSetup: ['/work/main/test/built.ts'],
 include: ['test/{exporters,models,golden,published,viewer,data,client}/**/*.test.ts'] } })
