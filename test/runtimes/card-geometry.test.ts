// The geometry of a card: its JSON is the geometry, and combinations that cannot be are refused by name.

import { describe, expect, it } from 'vitest'
import { parseCard } from '../../runtimes/card.ts'
import { ModelFileError } from '../../src/errors.ts'
import { exported } from './models.ts'

const parsed = (geometry: object) =>
  parseCard(JSON.stringify({ ...exported.card, geometry }), 'm.onnx').geometry
const images = { kind: 'sphere', radius: 5 }
const box = { kind: 'adaptive-box', minimum: 2, max_cutoff: 6 }

describe('a geometry', () => {
  it.each([
    [{ images }],
    [{ images, near: { decay: 0.1 }, symmetry: 'proper' }],
    [{ images, symmetry: 'all' }],
    [{ images: box, reciprocal: { range: 2 } }],
    [{ images, frame: 'pca' }],
    [{ reciprocal: { range: 2 } }],
    [{}],
    [{ images, in_graph: true }],
  ])('%j is kept as it is', (geometry) => {
    expect(JSON.parse(JSON.stringify(parsed(geometry)))).toEqual(geometry)
  })

  it('in the graph has nothing of what older files say besides', () => {
    const older = { images, near: { decay: 0.1 }, symmetry: 'proper', in_graph: true }
    expect(parsed(older)).toEqual({ images, in_graph: true })
  })

  it.each([
    [{ images: box, in_graph: true }, /in_graph, but images that are not those of a sphere/],
    [{ in_graph: true }, /in_graph, but images/],
    [{ near: { decay: 1 } }, /near or symmetry, but no images/],
    [{ reciprocal: { range: 1 }, symmetry: 'all' }, /near or symmetry, but no images/],
    [
      { images, symmetry: 'all', reciprocal: { range: 1 } },
      /symmetry, but a part that is made of the whole cell/,
    ],
    [{ images, symmetry: 'all', frame: 'pca' }, /symmetry, but a part/],
    [{ images: { kind: 'sphere', radius: 0 } }, /geometry\.images\.radius/],
    [{ images, frame: 'max' }, /geometry\.frame/],
  ])('%j is refused', (geometry, message) => {
    expect(() => parsed(geometry)).toThrow(ModelFileError)
    expect(() => parsed(geometry)).toThrow(message)
  })
})
