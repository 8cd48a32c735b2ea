// A crystal as a feed keeps it: its tables, made once by this thread or another one. Without TensorFlow.js.

import { ELEMENT_TABLE } from '../../models/elements.ts'
import type { Structure } from '../crystal/structure.ts'
import { mostImages } from '../periodic/group.ts'
import { type PreparedCrystal, prepareCrystal, type SiteCrystal } from '../periodic/prepare.ts'
import type { GeometrySpec, TableGeometry } from '../periodic/types.ts'
import { type ImageList, imageList } from './image-list.ts'

/** One crystal as a feed keeps it. */
export interface FedCrystal {
  readonly atoms: number
  /** Bytes that it takes in memory, about. */
  readonly bytes: number
  /** Images of its fullest atom, up to which others are padded; 0 where nothing is. */
  readonly mostImages: number
  readonly crystal: PreparedCrystal
  /** In place of the crystal's own neighbour table, where the fused kernel is used. */
  readonly images?: ImageList
}

/** How crystals are prepared: plain values, which another thread is told. */
export type Preparation =
  | { readonly kind: 'tables'; readonly geometry: GeometrySpec }
  | { readonly kind: 'images'; readonly geometry: TableGeometry; readonly directions: boolean }

/** What a preparation makes of a crystal. @throws what prepareCrystal does */
export function preparedAs(preparation: Preparation): (structure: Structure) => FedCrystal {
  return preparation.kind === 'images' ? imagesOf(preparation) : tablesOf(preparation)
}

function tablesOf({ geometry }: Extract<Preparation, { kind: 'tables' }>) {
  return (structure: Structure): FedCrystal => {
    const crystal = prepareCrystal(structure, geometry, ELEMENT_TABLE)
    return { atoms: crystal.atoms, bytes: bytesOf(crystal), mostImages: mostImages(crystal), crystal }
  }
}

function imagesOf({ geometry, directions }: Extract<Preparation, { kind: 'images' }>) {
  return (structure: Structure): FedCrystal => {
    const { images: table, runs, ...sites } = prepareCrystal(structure, geometry, ELEMENT_TABLE)
    const images = imageList(table, runs, { directions })
    const crystal: SiteCrystal = { ...sites, kind: 'sites' }
    const bytes = bytesOf(crystal) + bytesOf(images)
    return { atoms: crystal.atoms, bytes, mostImages: 0, crystal, images }
  }
}

/** Of an array, besides its numbers: of small crystals that is more than half. */
const ARRAY_BYTES = 320

/** Bytes of the typed arrays in a tree of objects. */
function bytesOf(value: object): number {
  return Object.values(value).reduce((sum: number, part: unknown) => {
    if (ArrayBuffer.isView(part)) return sum + part.byteLength + ARRAY_BYTES
    return typeof part === 'object' && part !== null ? sum + bytesOf(part) : sum
  }, 0)
}
