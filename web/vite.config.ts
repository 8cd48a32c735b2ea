// How the page is built and served: static files with relative addresses, in web/dist.

import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { listOfFormats } from '../src/crystal/formats/known.ts'
import { FORMATS } from '../src/crystal/formats/table.ts'
import { precache } from './offline/precache.ts'

/** Without these two headers a page has no shared memory, and onnxruntime one thread. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}

/** A server of models on another origin that the page may ask: CRYSTAL_ONNX_SERVER=https://models.example npm run web:build. */
const SERVER = process.env.CRYSTAL_ONNX_SERVER ?? ''

/** The page loads nothing from elsewhere and runs nothing that is in a file: said once more, where browsers enforce it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  `connect-src 'self' data: blob: ${SERVER}`.trimEnd(),
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
        injectTo: 'head-prepend',
      },
    ],
  }
}

/** Texts of the page that follow from tables. */
function tables(): Plugin {
  return {
    name: 'tables',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replaceAll('%STRUCTURE_FORMATS%', listOfFormats(FORMATS)),
    },
  }
}

/** All of TensorFlow.js is three times what training needs of it. */
const TFJS = fileURLToPath(new URL('fine-tune/tfjs.ts', import.meta.url))

export default defineConfig({
  base: './',
  plugins: [tables(), contentSecurityPolicy(), precache()],
  // The default build is not made of ES modules, and its names are hidden from import().
  resolve: {
    alias: [
      { find: '3dmol', replacement: '3dmol/build/3Dmol.es6-min.js' },
      { find: /^@tensorflow\/tfjs$/, replacement: TFJS },
    ],
  },
  // Finds its own .wasm file beside itself: it must stay where it is.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: { format: 'es' },
  build: { target: 'es2022', emptyOutDir: true, chunkSizeWarningLimit: 600 },
  server: { headers },
  preview: { headers },
})
