import { defineConfig } from 'vite'

// Top-level await of page.ts.
export default defineConfig({ build: { target: 'es2022' } })
