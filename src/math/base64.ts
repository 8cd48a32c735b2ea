// Bytes as base64 text, and back, wherever this runs. Weights, centres and whole modules are kept so: the loops are plain,
// a callback for each byte takes ten times as long.

/** Undefined for a text that is not base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  let characters: string
  try {
    characters = atob(text)
  } catch {
    return undefined
  }
  const bytes = new Uint8Array(characters.length)
  for (let n = 0; n < bytes.length; n++) bytes[n] = characters.charCodeAt(n)
  return bytes
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let n = 0; n < bytes.length; n++) text += String.fromCharCode(bytes[n])
  return btoa(text)
}
