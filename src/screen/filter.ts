// `--filter 'value < 0.05 && domain'`: comparisons of columns with numbers and texts, joined by &&, || and !, with
// parentheses. Parsed, never evaluated as JavaScript. A comparison with nothing (null) is false.

import { ScreenError } from '../errors.ts'
import type { Cell, Column, ColumnType } from './columns.ts'

/** Whether a row is kept, by its cells. */
export type Filter = (cell: (column: Column) => Cell) => boolean

interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end'
  readonly text: string
  readonly at: number
}

const TOKEN =
  /\s*(?:(?<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<text>"[^"]*"|'[^']*')|(?<sign>&&|\|\||[<>=!]=|[<>!()]))/y
const COMPARISONS: Readonly<
  Record<string, (a: number | string | boolean, b: number | string | boolean) => boolean>
> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
}
/** Parentheses in parentheses at most. */
const DEPTH = 100
const COMPARABLE = {
  string: 'a text',
  double: 'a number',
  integer: 'a number',
  boolean: 'true or false',
} as const

/** @throws ScreenError that names the place in `text` */
export function parseFilter(text: string, columns: readonly Column[]): Filter {
  const tokens = tokensOf(text)
  let next = 0
  let depth = 0

  const peek = () => tokens[next]
  const is = (sign: string) => peek().kind === 'sign' && peek().text === sign
  const take = () => tokens[next++]

  function either(): Filter {
    let left = both()
    while (is('||')) {
      take()
      const [a, b] = [left, both()]
      left = (cell) => a(cell) || b(cell)
    }
    return left
  }

  function both(): Filter {
    let left = one()
    while (is('&&')) {
      take()
      const [a, b] = [left, one()]
      left = (cell) => a(cell) && b(cell)
    }
    return left
  }

  function one(): Filter {
    if (++depth > DEPTH) throw mistake(text, peek(), `nested deeper than ${DEPTH}`)
    try {
      if (is('!')) {
        take()
        const inner = one()
        return (cell) => !inner(cell)
      }
      if (!is('(')) return comparison()
      take()
      const inner = either()
      if (!is(')')) throw mistake(text, peek(), 'expected )')
      take()
      return inner
    } finally {
      depth--
    }
  }

  function comparison(): Filter {
    const name = take()
    if (name.kind !== 'name') throw mistake(text, name, 'expected the name of a column')
    const column = columns.find((candidate) => candidate.name === name.text)
    if (column === undefined) {
      const names = columns.filter(({ type }) => type in COMPARABLE).map(({ name }) => name)
      throw mistake(text, name, `there is no column "${name.text}"; columns are ${names.join(', ')}`)
    }
    const { type } = column
    if (!isComparable(type))
      throw mistake(text, name, `column ${name.text} is a list, which nothing compares with`)
    const sign = peek()
    if (sign.kind !== 'sign' || !(sign.text in COMPARISONS)) {
      if (type === 'boolean') return (cell) => cell(column) === true
      throw mistake(
        text,
        sign,
        `expected one of ${Object.keys(COMPARISONS).join(' ')} after column ${name.text}`,
      )
    }
    take()
    const value = literalOf(take(), type, name.text)
    const compare = COMPARISONS[sign.text]
    return (cell) => {
      const found = cell(column) as number | string | boolean | null
      return found !== null && compare(found, value)
    }
  }

  function literalOf(token: Token, type: keyof typeof COMPARABLE, name: string): number | string | boolean {
    if (type === 'string' && token.kind === 'text') return token.text.slice(1, -1)
    if (type === 'boolean' && /^(?:true|false)$/.test(token.text)) return token.text === 'true'
    if ((type === 'double' || type === 'integer') && token.kind === 'number') return Number(token.text)
    throw mistake(text, token, `column ${name} is compared with ${COMPARABLE[type]}`)
  }

  const filter = either()
  if (peek().kind !== 'end') throw mistake(text, peek(), 'expected && or ||')
  return filter
}

function isComparable(type: ColumnType): type is keyof typeof COMPARABLE {
  return type in COMPARABLE
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = new RegExp(TOKEN)
  let at = 0
  while (text.slice(at).trim() !== '') {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found === null) {
      const start = at + text.slice(at).search(/\S/)
      throw mistake(text, { kind: 'sign', text: text[start], at: start }, 'not understood')
    }
    const [[kind, part]] = Object.entries(found.groups!).filter(([, part]) => part !== undefined)
    at = pattern.lastIndex
    tokens.push({ kind: kind as Token['kind'], text: part, at: at - part.length })
  }
  return [...tokens, { kind: 'end', text: 'the end', at: text.length }]
}

function mistake(text: string, { kind, text: token, at }: Token, why: string): ScreenError {
  const found = kind === 'end' ? 'the end' : `"${token}"`
  return new ScreenError(`filter "${text}", character ${at + 1} (${found}): ${why}`)
}
