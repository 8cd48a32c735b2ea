// Compiled WebAssembly as a module of TypeScript, so that nothing has to be fetched beside the code. Used by the programs
// that compile kernels, not by the package.

/** The text of a module that exports `name`, the bytes in base64. @param source the folder they were compiled from */
export function base64Module(binary: Uint8Array, name: string, source: string): string {
  const lines = Buffer.from(binary)
    .toString('base64')
    .match(/.{1,100}/g)!
    .map((line) => `  '${line}'`)
  return `// Generated from ${source} by \`npm run kernels\`: WebAssembly in base64. Do not edit.\n\nexport const ${name} =\n${lines.join(' +\n')}\n`
}
