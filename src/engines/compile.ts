// Compiles assembly/ to WebAssembly and writes the bytes into generated/kernels.ts. Run by `npm run kernels`; a test
// runs the same function to see that the committed bytes are not stale. Not part of the published package.

import { writeFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import asc from 'assemblyscript/asc'
import { base64Module } from '../base64-module.ts'

const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** The module as WebAssembly bytes. Rejects with the compiler's own messages. */
export async function compileKernels(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined
  const { error, stderr } = await asc.main(
    [
      'assembly/index.ts',
      ...['--baseDir', FOLDER],
      ...['--outFile', 'kernels.wasm'],
      ...['--enable', 'simd', '-O3', '--noAssert', '--runtime', 'stub'],
      // The memory is that of a heap (heap.ts); this module must bring none of its own.
      ...['--importMemory', '--noExportMemory', '--initialMemory', '0'],
    ],
    { writeFile: (name, contents) => void (name === 'kernels.wasm' && (binary = contents as Uint8Array)) },
  )
  if (error || !binary) throw new Error(`the kernels do not compile:\n${stderr}`, { cause: error })
  return binary
}

/** The text of generated/kernels.ts for these bytes. */
export function generatedSource(binary: Uint8Array): string {
  return base64Module(binary, 'KERNELS', '../assembly')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const binary = await compileKernels()
  await writeFile(`${FOLDER}/generated/kernels.ts`, generatedSource(binary))
  console.log(`generated/kernels.ts: ${binary.length} bytes of WebAssembly`)
}
