// One labelled crystal in a file of records: its id, cell, coordinates and species, every digit of them. Split and targets
// are in the columns beside (columns.ts). Little-endian; not for other programs, and so of no stable form.
//
//   u32 bytes of the id, the id in UTF-8; u32 sites; 9 f64 lattice; 3 f64 a site; u8 a site: its atomic number, or 0 for
//   u8 occupants that follow, each a u8 atomic number and an f64 occupancy

import { type Site, type Structure, structure } from '../../crystal/structure.ts'

const [FLOAT, NUMBERS] = [8, 9]

export function encodedRecord(id: string, { lattice, frac, species }: Structure): Buffer {
  const name = Buffer.from(id)
  const mixed = species.filter((site) => wholeElement(site) === undefined)
  const shared = mixed.reduce((sum, site) => sum + 1 + site.length * (1 + FLOAT), 0)
  const sites = species.length
  const out = Buffer.allocUnsafe(8 + name.length + FLOAT * (NUMBERS + 3 * sites) + sites + shared)
  let at = out.writeUInt32LE(name.length, 0)
  at += name.copy(out, at)
  at = out.writeUInt32LE(sites, at)
  for (const row of lattice) for (const x of row) at = out.writeDoubleLE(x, at)
  for (const row of frac) for (const x of row) at = out.writeDoubleLE(x, at)
  for (const site of species) {
    const whole = wholeElement(site)
    at = out.writeUInt8(whole ?? 0, at)
    if (whole !== undefined) continue
    at = out.writeUInt8(site.length, at)
    for (const { element, occupancy } of site) {
      at = out.writeDoubleLE(occupancy, out.writeUInt8(element, at))
    }
  }
  return out
}

/** @throws RangeError or StructureError for bytes that are no record */
export function decodedRecord(bytes: Buffer): { readonly id: string; readonly structure: Structure } {
  let at = 4 + bytes.readUInt32LE(0)
  const id = bytes.toString('utf8', 4, at)
  const sites = bytes.readUInt32LE(at)
  at += 4
  const vector = () => {
    const row = [bytes.readDoubleLE(at), bytes.readDoubleLE(at + FLOAT), bytes.readDoubleLE(at + 2 * FLOAT)]
    at += 3 * FLOAT
    return row
  }
  const lattice = [vector(), vector(), vector()]
  const frac = Array.from({ length: sites }, vector)
  const species = Array.from({ length: sites }, (): number | Site => {
    const whole = bytes.readUInt8(at++)
    if (whole > 0) return whole
    return Array.from({ length: bytes.readUInt8(at++) }, () => {
      const element = bytes.readUInt8(at++)
      const occupancy = bytes.readDoubleLE(at)
      at += FLOAT
      return { element, occupancy }
    })
  })
  return { id, structure: structure({ lattice, frac, species }) }
}

function wholeElement(site: Site): number | undefined {
  return site.length === 1 && site[0].occupancy === 1 ? site[0].element : undefined
}
