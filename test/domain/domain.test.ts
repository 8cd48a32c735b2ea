// A domain from crystals that were learned from and held-out ones: what is called outside and why, how often, and how many
// true values lie in the intervals.

import { describe, expect, it } from 'vitest'
import { structure } from '../../src/crystal/structure.ts'
import { domainFault } from '../../src/domain/check.ts'
import { endsOf } from '../../src/domain/ends.ts'
import { FEWEST_HELD_OUT, fitDomain, type Sample } from '../../src/domain/fit.ts'
import { checkLevel, judgeOf } from '../../src/domain/judge.ts'
import { lookAt } from '../../src/domain/look-at.ts'
import { type Domain, domainSchema } from '../../src/domain/section.ts'
import { ConfigError } from '../../src/errors.ts'
import { binary, type Labelled, sample, TARGETS, world } from './made-up.ts'

const learned = world(1, 900)
const domain = fitDomain({ targets: TARGETS, learned, heldOut: world(2, 300) })!
const judge = judgeOf(domain, TARGETS)
const judged = (of: Sample, level = 0.9) =>
  judge({ look: lookAt(of.structure), embedding: of.embedding, values: of.predicted }, level)
const share = (hits: readonly boolean[]) => hits.filter(Boolean).length / hits.length

describe('on further crystals of the same kind', () => {
  const later = world(3, 1500)

  it('at most a tenth is outside, with the larger errors', () => {
    const outside = later.filter((one) => !judged(one).domain.inside)
    const inside = later.filter((one) => judged(one).domain.inside)
    expect(outside.length / later.length).toBeGreaterThan(0.02)
    expect(outside.length / later.length).toBeLessThan(0.1)
    const error = (of: readonly Labelled[]) =>
      of.reduce((sum, { actual, predicted }) => sum + Math.abs(actual[0] - predicted[0]), 0) / of.length
    expect(error(outside)).toBeGreaterThan(1.5 * error(inside))
  })

  it.each([0.5, 0.8, 0.9, 0.95])('an interval of level %d holds as many true values', (level) => {
    const hits = later.map((one) => {
      const { low, high } = judged(one, level).interval!
      return low[0] <= one.actual[0] && one.actual[0] <= high[0]
    })
    expect(Math.abs(share(hits) - level)).toBeLessThan(0.05)
  })

  it('intervals are wider where errors are larger', () => {
    const width = (strange: number[]) => {
      const { low, high } = judged(sample(binary(11, 17, 5.3), strange, 0.5)).interval!
      return high[0] - low[0]
    }
    expect(width([1.4, 1.4, 1.4])).toBeGreaterThan(1.5 * width([0.1, 0.1, 0.1]))
  })
})

describe('reasons', () => {
  const usual = [0.1, 0.2, -0.1]
  const reasons = (crystal: Parameters<typeof sample>[0], strange = usual) =>
    judged(sample(crystal, strange, 0.1)).domain

  it('there are none inside', () => {
    const verdict = reasons(binary(11, 17, 5.3))
    expect(verdict).toEqual({ inside: true, score: expect.any(Number), reasons: [] })
    expect(verdict.score).toBeLessThanOrEqual(1)
  })

  it('an element that was never seen', () => {
    expect(reasons(binary(26, 8, 5.3)).reasons).toContain('element Fe was never seen')
    expect(reasons(binary(26, 8, 5.3)).inside).toBe(false)
  })

  it('features unlike all others, by the score', () => {
    const { inside, score, reasons: why } = reasons(binary(11, 17, 5.3), [12, -9, 14])
    expect(inside).toBe(false)
    expect(score).toBeGreaterThan(1)
    expect(why.at(-1)).toMatch(/^unlike what was seen: [\d.e+]+ times the expected error/)
  })

  it('atoms closer than they ever came', () => {
    const a = 2.4
    const squeezed = structure({
      lattice: [
        [a, 0, 0],
        [0, 9, 0],
        [0, 0, 9],
      ],
      frac: [
        [0, 0, 0],
        [0.5, 0, 0],
      ],
      species: [11, 8],
    })
    expect(reasons(squeezed).reasons).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^O and Na 1\.20 Å apart, never seen closer than 2\.\d\d Å$/),
      ]),
    )
  })

  it('one atom in a large box, and one in a small one', () => {
    const { reasons: sparse } = reasons(binary(11, 17, 25))
    expect(sparse[0]).toMatch(
      /^too sparse: 1950 Å³ an atom, of which covalent spheres take [\d.]+ %, never seen less than \d\d %$/,
    )
    expect(reasons(binary(38, 16, 4.2)).reasons.join()).toMatch(/too dense: 9\.26 Å³ an atom/)
  })

  it('as many elements as were never seen together', () => {
    const cubic = (species: number[]) =>
      structure({
        lattice: [
          [2.9, 0, 0],
          [0, 2.9, 0],
          [0, 0, 2.9],
        ],
        frac: species.map((_, n) => [n / species.length, 0, 0]),
        species,
      })
    expect(reasons(cubic([12])).reasons).toContain('crystals of one element alone were never seen, only of 2')
  })

  it('sites that are shared', () => {
    const shared = structure({
      ...binary(11, 17, 5.3),
      species: [
        [
          { element: 11, occupancy: 0.5 },
          { element: 19, occupancy: 0.5 },
        ],
        17,
      ],
    })
    expect(reasons(shared).reasons).toContain('shared or partly empty sites were never seen')
  })

  it('a value beyond all that was learned from', () => {
    const far = { ...sample(binary(11, 17, 5.3), usual, 0), predicted: [-10.283] }
    expect(judged(far).domain.reasons).toContain(
      'energy -10.3 eV/atom lies beyond what was seen, -3 to -1 eV/atom',
    )
  })
})

describe('of an element that was never seen', () => {
  it('the interval is as wide as the targets spread', () => {
    const { low, high } = judged(sample(binary(26, 8, 5.3), [0, 0, 0], 0)).interval!
    const deviations = learned.map(({ actual }) => Math.abs(actual[0] + 2)).sort((a, b) => a - b)
    expect((high[0] - low[0]) / 2).toBeGreaterThanOrEqual(
      0.999 * deviations[Math.floor(0.9 * deviations.length)],
    )
  })
})

describe('as a section of a card', () => {
  it('is small, passes its own checks, and judges alike when it is read back', () => {
    const text = JSON.stringify(domain)
    expect(text.length).toBeLessThan(200_000)
    const read = domainSchema.parse(JSON.parse(text))
    expect(domainFault(read, 1)).toBeUndefined()
    const again = judgeOf(read, TARGETS)
    const one = world(4, 1)[0]
    const asked = { look: lookAt(one.structure), embedding: one.embedding, values: one.predicted }
    expect(again(asked, 0.9)).toEqual(judge(asked, 0.9))
  })

  it('says what was seen', () => {
    expect(domain.crystals).toEqual({ fitted: 900, held_out: 300, by_chemistry: 0 })
    expect(domain.elements.map(([z]) => z)).toEqual([3, 8, 9, 11, 12, 16, 17, 19, 20, 38])
    const sodium = learned.filter(({ structure: s }) =>
      s.species.flat().some(({ element }) => element === 11),
    )
    expect(domain.elements.find(([z]) => z === 11)![1]).toBe(sodium.length)
    expect(domain.arities).toEqual([0, 900])
    expect(domain.sites).toEqual([2, 2])
  })

  const edits: Record<string, (section: Domain) => void> = {
    'targets of another model': (section) => section.targets.push([0, 1]),
    'features of other sizes': (section) => void (section.features!.centres -= 1),
    'features that are no numbers': (section) => void (section.features!.places = '!'),
    'residuals that fall': (section) => section.residuals[0].reverse(),
  }
  it.each(Object.entries(edits))('%s are found', (_, edit) => {
    const edited = structuredClone(domain)
    edit(edited)
    expect(domainFault(edited, 1)).toEqual(expect.any(String))
  })

  it('bounds every number and list', () => {
    for (const wrong of [
      { ...domain, elements: [] },
      { ...domain, elements: [[119, 1, 1]] },
      { ...domain, features: { ...domain.features!, centres: 1e9 } },
      { ...domain, residuals: [Array(1000).fill(1)] },
      { ...domain, difficulty: { ...domain.difficulty, weights: [] } },
      { ...domain, crystals: { ...domain.crystals, fitted: -1 } },
      { ...domain, more: 1 },
    ]) {
      expect(domainSchema.safeParse(wrong).success).toBe(false)
    }
  })
})

describe('with less to go by', () => {
  it('is not made of too few held-out crystals', () => {
    const heldOut = world(2, FEWEST_HELD_OUT)
    expect(fitDomain({ targets: TARGETS, learned, heldOut: heldOut.slice(1) })).toBeUndefined()
    const few = judgeOf(fitDomain({ targets: TARGETS, learned, heldOut })!, TARGETS)
    const one = world(4, 1)[0]
    const asked = { look: lookAt(one.structure), embedding: one.embedding, values: one.predicted }
    expect(few(asked, 0.95).interval).not.toBeNull()
  })

  it('does without features, of a network that gives none', () => {
    const without = ({ embedding: _, ...rest }: Sample): Sample => rest
    const plain = fitDomain({
      targets: TARGETS,
      learned: learned.map(without),
      heldOut: world(2, 300).map(without),
    })!
    expect(plain.features).toBeUndefined()
    const one = without(world(4, 1)[0])
    const { domain: verdict } = judgeOf(plain, TARGETS)(
      { look: lookAt(one.structure), values: one.predicted },
      0.9,
    )
    expect(verdict.inside).toBe(true)
  })

  it('knows levels from 0.5 to 0.95', () => {
    for (const level of [0.49, 0.96, Number.NaN]) expect(() => checkLevel(level)).toThrow(ConfigError)
    for (const level of [0.5, 0.777, 0.95]) expect(() => checkLevel(level)).not.toThrow()
  })
})

describe('of a target of which the logarithm was learned', () => {
  const powers = (of: readonly Labelled[]): Labelled[] =>
    of.map(({ actual, predicted, ...rest }) => ({
      ...rest,
      actual: actual.map((y) => 10 ** y),
      predicted: predicted.map((y) => 10 ** y),
    }))
  const targets = TARGETS.map((target) => ({ ...target, transform: 'log10' as const }))
  const of = fitDomain({ targets, learned: powers(learned), heldOut: powers(world(2, 300)) })!
  const judgeLog = judgeOf(of, targets)

  it('verdicts are those of the logarithm, and intervals its powers of ten', () => {
    const few = world(3, 40)
    for (const [n, one] of powers(few).entries()) {
      const { domain: verdict, interval } = judgeLog(
        { look: lookAt(one.structure), embedding: one.embedding, values: one.predicted },
        0.9,
      )
      const plain = judged(few[n])
      expect(verdict.inside).toBe(plain.domain.inside)
      expect(verdict.score / plain.domain.score).toBeCloseTo(1, 3)
      expect(Math.log10(interval!.low[0])).toBeCloseTo(plain.interval!.low[0], 3)
      expect(Math.log10(interval!.high[0])).toBeCloseTo(plain.interval!.high[0], 3)
    }
  })

  it('has its range and its errors in the unit', () => {
    const values = powers(learned).map(({ actual }) => actual[0])
    expect(of.targets[0]).toEqual([Math.min(...values), Math.max(...values)])
    expect(of.held_out.error_inside[0]).not.toBeCloseTo(domain.held_out.error_inside[0]!, 3)
  })
})

describe('of several targets of which crystals lack some', () => {
  const targets = [...TARGETS, { ...TARGETS[0], name: 'other' }]
  const both = (of: readonly Labelled[]): Sample[] =>
    of.map(({ actual, predicted, ...rest }, n) => ({
      ...rest,
      actual: n % 3 === 0 ? [null, actual[0]] : [actual[0], null],
      predicted: [predicted[0], predicted[0]],
    }))

  it('intervals hold for each of them', () => {
    const of = fitDomain({ targets, learned: both(learned), heldOut: both(world(2, 300)) })!
    const judgeBoth = judgeOf(of, targets)
    const later = world(3, 600)
    for (const t of [0, 1]) {
      const hits = later.map(({ structure, embedding, actual, predicted }) => {
        const values = [predicted[0], predicted[0]]
        const { low, high } = judgeBoth({ look: lookAt(structure), embedding, values }, 0.9).interval!
        return low[t] <= actual[0] && actual[0] <= high[t]
      })
      expect(Math.abs(share(hits) - 0.9)).toBeLessThan(0.06)
    }
  })

  it('one that few held-out crystals tell of has an interval without an end, the other its own', () => {
    const heldOut = both(world(2, 300)).map((sample, n): Sample => {
      const [first, second] = sample.actual
      return n < 18 ? sample : { ...sample, actual: [first ?? second, null] }
    })
    // Six labels vouch for 6 of 7, which is less than 90 %.
    expect(heldOut.filter(({ actual }) => actual[1] !== null)).toHaveLength(6)
    const log = (of: readonly Sample[]): Sample[] =>
      of.map(({ actual, predicted, ...rest }) => ({
        ...rest,
        actual: [actual[0], actual[1] === null ? null : 10 ** actual[1]],
        predicted: [predicted[0], 10 ** predicted[1]],
      }))
    for (const [transform, of, least] of [
      [undefined, (all: readonly Sample[]) => all, Number.NEGATIVE_INFINITY],
      ['log10', log, 0],
    ] as const) {
      const scaled = [targets[0], { ...targets[1], transform }]
      const domain = fitDomain({ targets: scaled, learned: of(both(learned)), heldOut: of(heldOut) })!
      const [{ structure, embedding, predicted }] = of(both(world(3, 1)))
      const judgement = judgeOf(domain, scaled)(
        { look: lookAt(structure), embedding, values: predicted },
        0.9,
      )
      const { low, high } = judgement.interval!
      expect([low[1], high[1]]).toEqual([least, Number.POSITIVE_INFINITY])
      expect(endsOf(judgement.interval, 1)).toBeUndefined()
      expect(endsOf(judgement.interval, 0)).toEqual([low[0], high[0]])
      expect(low[0]).toBeLessThan(predicted[0])
      expect(high[0] - low[0]).toBeLessThan(2)
    }
  })
})
