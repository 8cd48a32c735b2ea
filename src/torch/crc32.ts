// CRC-32 of zip members (ISO 3309, reflected polynomial 0xEDB88320). A flipped bit in a checkpoint must not become a
// slightly different weight.

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  return crc
})

/** CRC-32 as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (let n = 0; n < bytes.length; n++) crc = TABLE[(crc ^ bytes[n]) & 0xff] ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}
