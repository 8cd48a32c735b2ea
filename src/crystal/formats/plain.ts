// The toolkit's own JSON: {"lattice": [[…]…], "frac": [[…]…], "numbers": […]}, with "species" in place of "numbers" where a
// site is disordered: [{"Na": 0.9}, {"Cl": 1}]. Data sets hold one such object a line.

import type { Mat3 } from '../../math/vectors.ts'
import { elementOfSymbol, symbolOf } from '../elements.ts'
import { siteOf } from '../occupancy.ts'
import { isOrdered, type Occupant, type Structure, structure } from '../structure.ts'
import type { FileFormat, JsonFormat } from './format.ts'
import {
  elements,
  field,
  isObject,
  type JsonNode,
  jsonPeriodicity,
  mistake,
  number,
  occupancyOf,
  text,
  vectors,
} from './json.ts'
import { readJson } from './json-documents.ts'

/** It has the files of JSON of any kind. */
export const plain: FileFormat<'json'> & JsonFormat<'json'> = {
  name: 'json',
  title: 'crystal-onnx',
  endings: ['.json'],
  listEndings: ['.jsonl', '.ndjson'],
  detect: (text) => /^\s*[{[]/.test(text),
  read: readJson,
  fields: 'lattice, frac, numbers',
  matches: isPlain,
  structureOf: (node, warnings) => ({ structure: structureOfPlain(node, warnings) }),
  write: (s) => JSON.stringify(plainJson(s)),
}

function isPlain(node: JsonNode): boolean {
  return (
    isObject(node) && Array.isArray(field(node, 'lattice').value) && field(node, 'frac').value !== undefined
  )
}

function structureOfPlain(node: JsonNode, warnings: string[]): Structure {
  const warn = (message: string) => warnings.push(message)
  jsonPeriodicity(field(node, 'pbc'), warn)
  const numbers = field(node, 'numbers')
  return structure({
    lattice: vectors(field(node, 'lattice'), 'lattice', 3) as unknown as Mat3,
    frac: vectors(field(node, 'frac'), 'frac'),
    species:
      numbers.value === undefined
        ? elements(field(node, 'species'), 'species').map((site, i) =>
            siteOf(readSite(site), `site ${i + 1}`, warn),
          )
        : elements(numbers, 'numbers').map((z) => number(z, 'numbers')),
    name: text(field(node, 'name')),
  })
}

/** `"Na"`, or `{"Na": 0.9, "K": 0.1}`, or, as in data sets, `[{"element": 11, "occupancy": 0.9}, …]`. */
function readSite(node: JsonNode): Occupant[] {
  if (Array.isArray(node.value)) {
    return elements(node, 'species').map((occupant) => ({
      element: number(field(occupant, 'element'), 'element'),
      occupancy: occupancyOf(field(occupant, 'occupancy'), 'occupancy'),
    }))
  }
  const symbols = isObject(node) ? Object.keys(node.value as object) : [text(node) ?? '']
  return symbols.map((symbol) => {
    const element = elementOfSymbol(symbol)
    if (element === undefined) throw mistake(node, `${JSON.stringify(symbol)} is no element`)
    return {
      element,
      occupancy: isObject(node) ? occupancyOf(field(node, symbol), `occupancy of ${symbol}`) : 1,
    }
  })
}

/** The structure as an object of plain JSON; `JSON.stringify` of it is read back exactly. */
export function plainJson(s: Structure): Record<string, unknown> {
  return {
    ...(s.name === undefined ? {} : { name: s.name }),
    lattice: s.lattice,
    frac: s.frac,
    ...(isOrdered(s)
      ? { numbers: s.species.map(([{ element }]) => element) }
      : {
          species: s.species.map((site) =>
            Object.fromEntries(site.map((o) => [symbolOf(o.element), o.occupancy])),
          ),
        }),
  }
}
