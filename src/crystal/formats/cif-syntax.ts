// The syntax of CIF 1.1 (Hall, Allen & Brown 1991; International Tables G, 2.2): data blocks, tags, loops, quoted strings
// and text fields. Lenient where real files are: an unquoted value of several words, a quote that is never closed.
// Not here: what the tags mean (cif.ts).

import { ParseError } from '../../errors.ts'

/** The values of one tag, with the line each stands on. A tag outside a loop has one value. */
export interface CifColumn {
  /** `undefined` for the unquoted `?` and `.`. */
  readonly values: (string | undefined)[]
  readonly lines: number[]
  /** Line of the `loop_` whose values do not fill its rows. */
  ragged?: number
}

export interface CifBlock {
  readonly name: string
  readonly line: number
  /** By tag in lower case, with every dot as an underscore: `_space_group_symop.operation_xyz` is an older CIF tag then. */
  readonly columns: Map<string, CifColumn>
  readonly warnings: string[]
  /** Why the rest of the block could not be read. */
  error?: ParseError
}

interface Token {
  readonly kind: 'word' | 'value' | 'end'
  readonly text: string
  readonly line: number
}

/** Splits the text into its data blocks. Text before the first block is an error of the file. */
export function* cifBlocks(text: string, file?: string): Generator<CifBlock> {
  const lexer = new CifLexer(text, file)
  let token = lexer.next()
  while (token.kind === 'word' && /^(?:global_|stop_)/i.test(token.text)) token = lexer.next()
  if (token.kind === 'end' || !isBlockHeader(token)) {
    const found = token.kind === 'end' ? 'nothing' : JSON.stringify(token.text.slice(0, 40))
    throw new ParseError(`no data block: a CIF starts with data_NAME, found ${found}`, {
      file,
      line: token.line,
    })
  }
  while (token.kind !== 'end') {
    const block: CifBlock = {
      name: token.text.slice(5),
      line: token.line,
      columns: new Map(),
      warnings: lexer.warnings,
    }
    try {
      token = readBlock(lexer, block)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      block.error = error
      token = lexer.skipToBlock()
    }
    lexer.warnings = []
    yield block
  }
}

/** Reads up to the next block and returns the token that starts it, or the end. */
function readBlock(lexer: CifLexer, block: CifBlock): Token {
  let token = lexer.next()
  for (;;) {
    if (token.kind === 'end' || isBlockHeader(token)) return token
    if (isTag(token)) {
      const tag = token
      const values: Token[] = []
      for (token = lexer.next(); isValue(token) && (values.length === 0 || token.line === values[0].line); ) {
        values.push(token)
        token = lexer.next()
      }
      if (values.length > 1) {
        block.warnings.push(`line ${tag.line}: ${tag.text} has a value of several words without quotes`)
      }
      addColumn(block, tag.text, joined(values), tag.line)
    } else if (token.kind === 'word' && /^loop_$/i.test(token.text))
      token = readLoop(lexer, block, token.line)
    else {
      if (isValue(token)) block.warnings.push(`line ${token.line}: ${quote(token.text)} belongs to no tag`)
      token = lexer.next()
    }
  }
}

function joined(values: readonly Token[]): CifColumn {
  if (values.length === 0) return { values: [], lines: [] }
  const text = values.length === 1 ? content(values[0]) : values.map((v) => v.text).join(' ')
  return { values: [text], lines: [values[0].line] }
}

function readLoop(lexer: CifLexer, block: CifBlock, line: number): Token {
  const tags: Token[] = []
  let token = lexer.next()
  for (; isTag(token); token = lexer.next()) tags.push(token)
  const columns = tags.map((): CifColumn => ({ values: [], lines: [] }))
  let n = 0
  for (; isValue(token); token = lexer.next()) {
    if (columns.length === 0) continue
    const column = columns[n++ % columns.length]
    column.values.push(content(token))
    column.lines.push(token.line)
  }
  const ragged = columns.length > 0 && n % columns.length !== 0
  for (const [i, column] of columns.entries()) {
    if (ragged) column.ragged = line
    addColumn(block, tags[i].text, column, tags[i].line)
  }
  return token
}

function addColumn(block: CifBlock, tag: string, column: CifColumn, line: number): void {
  const key = tag.toLowerCase().replaceAll('.', '_')
  const before = block.columns.get(key)
  if (before === undefined || before.values.every((v) => v === undefined)) block.columns.set(key, column)
  else block.warnings.push(`line ${line}: ${tag} is given twice; the first is used`)
}

function content(token: Token): string | undefined {
  return token.kind === 'word' && (token.text === '?' || token.text === '.') ? undefined : token.text
}

function isBlockHeader(token: Token): boolean {
  return token.kind === 'word' && /^data_/i.test(token.text)
}

function isTag(token: Token): boolean {
  return token.kind === 'word' && token.text.startsWith('_')
}

function isValue(token: Token): boolean {
  return (
    token.kind === 'value' ||
    (token.kind === 'word' && !/^(?:_|data_|loop_$|save_|global_$|stop_$)/i.test(token.text))
  )
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}

const NEWLINE = 10
const isBlank = (c: number) => c === 32 || c === 9 || c === NEWLINE || c === 13 || c === 11 || c === 12

/** Cuts the text into words (unquoted) and values (quoted, text fields). Line ends are \n only. */
class CifLexer {
  warnings: string[] = []
  readonly #text: string
  readonly #file: string | undefined
  #at = 0
  #line = 1

  constructor(text: string, file: string | undefined) {
    this.#text = text
    this.#file = file
  }

  next(): Token {
    const text = this.#text
    for (;;) {
      const c = text.charCodeAt(this.#at)
      if (Number.isNaN(c)) return { kind: 'end', text: '', line: this.#line }
      if (c === NEWLINE) this.#line++
      else if (c === 35 /* # */) {
        this.#at = this.#lineEnd()
        continue
      } else if (!isBlank(c)) break
      this.#at++
    }
    const c = text[this.#at]
    if (c === ';' && (this.#at === 0 || text.charCodeAt(this.#at - 1) === NEWLINE)) return this.#textField()
    if (c === "'" || c === '"') return this.#quoted(c)
    const start = this.#at
    while (this.#at < text.length && !isBlank(text.charCodeAt(this.#at))) this.#at++
    return { kind: 'word', text: text.slice(start, this.#at), line: this.#line }
  }

  /** After an error: on to the next line that starts a data block. */
  skipToBlock(): Token {
    const header = /^data_/gim
    header.lastIndex = this.#at
    const found = header.exec(this.#text)
    const end = found?.index ?? this.#text.length
    for (let i = this.#at; i < end; i++) if (this.#text.charCodeAt(i) === NEWLINE) this.#line++
    this.#at = end
    return this.next()
  }

  #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#at)
    return end === -1 ? this.#text.length : end
  }

  #textField(): Token {
    const line = this.#line
    const end = this.#text.indexOf('\n;', this.#at)
    if (end === -1) {
      this.#at++
      throw new ParseError(
        'a text field that opens here with ; is never closed by a ; at the start of a line',
        {
          file: this.#file,
          line,
        },
      )
    }
    const value = this.#text.slice(this.#at + 1, end)
    for (let i = this.#at; i <= end; i++) if (this.#text.charCodeAt(i) === NEWLINE) this.#line++
    this.#at = end + 2
    return { kind: 'value', text: value, line }
  }

  /** A quoted string ends at a quote before a blank, so that 'O'Keeffe' is one string; it never spans lines. */
  #quoted(mark: string): Token {
    const text = this.#text
    const lineEnd = this.#lineEnd()
    const start = this.#at + 1
    let end = text.indexOf(mark, start)
    while (end !== -1 && end + 1 < lineEnd && !isBlank(text.charCodeAt(end + 1)))
      end = text.indexOf(mark, end + 1)
    if (end === -1 || end >= lineEnd) {
      this.warnings.push(
        `line ${this.#line}: a ${mark} is opened and not closed; the value ends with the line`,
      )
      this.#at = lineEnd
      return { kind: 'value', text: text.slice(start, lineEnd), line: this.#line }
    }
    this.#at = end + 1
    return { kind: 'value', text: text.slice(start, end), line: this.#line }
  }
}
