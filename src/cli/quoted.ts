// Names in commands that are printed to be pasted, and in folders that are made of them.

/** For a POSIX shell: as it is where it has no character that means something there. */
export function quoted(name: string): string {
  return /^[\w./@%+=:,-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`
}

/** A name that any text becomes, of a folder in the folder where it is made: letters, digits and a few signs. */
export function folderName(text: string): string {
  const name = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}+=,.-]+/gu, '_')
    .replace(/^[.-]+/, '_')
  return name.slice(0, 100) || '_'
}
