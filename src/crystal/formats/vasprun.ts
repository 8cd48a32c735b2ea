// vasprun.xml of VASP (https://vasp.at/wiki/vasprun.xml): the structure of every ionic step. A file that was cut off when the
// run ended is read as far as it goes.

import { LimitError, ParseError } from '../../errors.ts'
import type { Vec3 } from '../../math/vectors.ts'
import { elementOfSymbol } from '../elements.ts'
import { type Structure, structure } from '../structure.ts'
import type { FileFormat, ReadContext, Reading } from './format.ts'
import { attempt, parseNumber } from './reading.ts'

export const vasprun: FileFormat<'vasprun'> = {
  name: 'vasprun',
  title: 'vasprun.xml',
  endings: ['vasprun.xml'],
  detect: (text) => /^\s*(?:<\?xml[^>]*>)?\s*<modeling>/.test(text.slice(0, 1000)),
  read: readVasprun,
}

function* readVasprun(text: string, context: ReadContext): Generator<Reading> {
  const species = readAtoms(text, context)
  if (species.length > context.maxSites) {
    throw new LimitError(`${species.length} atoms, allowed are ${context.maxSites}`)
  }
  const [steps, ends] = structuresOf(text)
  const chosen = steps.length > 0 ? steps : ends.slice(-1)
  if (chosen.length === 0) throw new ParseError('no <structure> of a step', { file: context.file, line: 1 })
  const lines = new LineCounter(text)
  for (const [i, at] of chosen.entries()) {
    yield attempt(context, lines.of(at), (warnings) => {
      if (i === chosen.length - 1 && !text.includes('</modeling>')) {
        warnings.push('the file is cut off; later steps are missing')
      }
      return { structure: readStructure(text, at, species, { file: context.file, line: lines.of(at) }) }
    })
  }
}

/** Counts lines forwards, so that many steps take no longer than the text. */
class LineCounter {
  readonly #text: string
  #at = 0
  #line = 1
  constructor(text: string) {
    this.#text = text
  }
  of(at: number): number {
    for (
      let n = this.#text.indexOf('\n', this.#at);
      n !== -1 && n < at;
      n = this.#text.indexOf('\n', n + 1)
    ) {
      this.#line++
      this.#at = n + 1
    }
    return this.#line
  }
}

/** Where structures begin that are complete: those of steps, and those before and after them. */
function structuresOf(text: string): [steps: number[], ends: number[]] {
  const found: [number[], number[]] = [[], []]
  let inStep = false
  for (const { 0: tag, index } of text.matchAll(/<\/?calculation>|<structure\b[^>]{0,200}>/g)) {
    if (tag.startsWith('<structure')) {
      const whole = text.indexOf('</structure>', index) !== -1
      if (whole && !tag.includes('primitive_cell')) found[inStep ? 0 : 1].push(index)
    } else inStep = tag === '<calculation>'
  }
  return found
}

function readAtoms(text: string, { file }: ReadContext): number[] {
  const array = between(text, '<array name="atoms"', '</array>', 0) ?? ''
  const symbols = [...array.matchAll(/<rc>\s*<c>\s*([^<\s]{1,20})\s*<\/c>/g)].map(([, symbol]) => symbol)
  if (symbols.length === 0) {
    throw new ParseError('no atoms: expected <array name="atoms"> in <atominfo>', { file, line: 1 })
  }
  return symbols.map((symbol) => {
    // VASP cuts names to two letters and fills them with a blank or an underscore.
    const z = elementOfSymbol(symbol)
    if (z === undefined) throw new ParseError(`${JSON.stringify(symbol)} is no element`, { file, line: 1 })
    return z
  })
}

function readStructure(
  text: string,
  at: number,
  species: readonly number[],
  where: { file?: string; line: number },
): Structure {
  const part = text.slice(at, text.indexOf('</structure>', at))
  const rows = (name: string, count: number): Vec3[] => {
    const array = between(part, `<varray name="${name}"`, '</varray>', 0)
    const found = [...(array ?? '').matchAll(/<v>([^<]*)<\/v>/g)].map(([, v]) =>
      v.trim().split(/\s+/).map(parseNumber),
    )
    const wrong = found.find((row) => row.length !== 3 || row.includes(undefined))
    if (found.length !== count || wrong !== undefined) {
      const problem = wrong === undefined ? `${found.length} rows` : 'a row that is not three numbers'
      throw new ParseError(`${name}: expected ${count} rows of three numbers, found ${problem}`, where)
    }
    return found as unknown as Vec3[]
  }
  return structure({ lattice: rows('basis', 3), frac: rows('positions', species.length), species })
}

function between(text: string, open: string, close: string, from: number): string | undefined {
  const start = text.indexOf(open, from)
  const end = start === -1 ? -1 : text.indexOf(close, start)
  return end === -1 ? undefined : text.slice(start, end)
}
