// Compiled WebAssembly as a module of TypeScript, so that nothing has to be fetched beside the code. Used by the programs
// that compile kernels, not by the package.

/**
 * The text of a module that exports `name`, the bytes as hexadecimal digits: longer than base64, and after gzip or Brotli,
 * which find what is repeated in digits of whole bytes, a fifth to a quarter smaller.
 * @param source the folder they were compiled from
 */
export function hexModule(binary: Uint8Array, name: string, source: string): string {
  const lines = Buffer.from(binary)
    .toString('hex')
    .match(/.{1,100}/g)!
    .map((line) => `  '${line}'`)
  return `// Generated from ${source} by \`npm run kernels\`: WebAssembly as hexadecimal digits. Do not edit.\n\nexport const ${name} =\n${lines.join(' +\n')}\n`
}
