// The words of a CIF: quoted and unquoted values, text fields, tags, keywords, and the lists, tables and triple quotes of
// CIF 2.0 (Bernstein et al. 2016). Not here: what they make together (cif-syntax.ts).

import { ParseError } from '../../errors.ts'

/** A token: `value` where it was quoted, `word` where it was not. */
export type TokenKind = 'word' | 'value' | 'tag' | 'loop' | 'data' | 'keyword' | 'end'

const [NEWLINE, SPACE, QUOTE, HASH, APOSTROPHE] = [10, 32, 34, 35, 39]
const [SEMICOLON, OPEN_LIST, CLOSE_LIST, UNDERSCORE] = [59, 91, 93, 95]
const [OPEN_TABLE, CLOSE_TABLE] = [123, 125]

/** A text field that holds a block with a cell: its end was lost, and what follows it is not text. */
const SWALLOWED = /^data_\S+\s(?:(?!^data_)[\s\S])*?^_cell[_.]length_a\s/im

/** Cuts a text into tokens, of which it shows one at a time. Line ends are \n only. */
export class CifLexer {
  kind: TokenKind = 'end'
  /** Of the token, without its quotes. */
  text = ''
  /** Of the token, from 1. */
  line: number
  warnings: string[] = []
  readonly #source: string
  readonly #file: string | undefined
  /** CIF 2.0: brackets open lists, and the first quote closes. */
  readonly #second: boolean
  #at = 0
  #lineAt: number

  constructor(source: string, file: string | undefined, linesBefore: number) {
    this.#source = source
    this.#file = file
    this.#second = source.startsWith('#\\#CIF_2.0')
    this.#lineAt = this.line = linesBefore + 1
  }

  /** Goes on to the next token. @throws ParseError for what is opened and never closed */
  next(): void {
    const source = this.#source
    let at = this.#at
    let c = source.charCodeAt(at)
    // NaN, behind the end, is in no comparison.
    while (c <= SPACE || c === HASH) {
      if (c === NEWLINE) this.#lineAt++
      if (c === HASH) {
        at = source.indexOf('\n', at)
        if (at === -1) at = source.length
      } else at++
      c = source.charCodeAt(at)
    }
    this.line = this.#lineAt
    this.#at = at
    if (at >= source.length) this.#set('end', '')
    else if (c === SEMICOLON && (at === 0 || source.charCodeAt(at - 1) === NEWLINE)) this.#textField()
    else if (c === APOSTROPHE || c === QUOTE) this.#quoted(source[at])
    else if (this.#second && (c === OPEN_LIST || c === OPEN_TABLE)) this.#collection()
    else {
      const start = at
      while (source.charCodeAt(at) > SPACE) at++
      this.#at = at
      this.text = source.slice(start, at)
      this.kind = c === UNDERSCORE ? 'tag' : kindOfWord(c, this.text)
    }
  }

  /** After an error, or at a text before the first block: on to the next line that starts a data block. */
  skipToBlock(): void {
    const header = /^data_/gim
    header.lastIndex = this.#at
    this.#pass(header.exec(this.#source)?.index ?? this.#source.length)
    this.next()
  }

  #set(kind: TokenKind, text: string): void {
    this.kind = kind
    this.text = text
  }

  /** Goes on to `end`, counting lines. */
  #pass(end: number): void {
    for (
      let n = this.#source.indexOf('\n', this.#at);
      n !== -1 && n < end;
      n = this.#source.indexOf('\n', n + 1)
    )
      this.#lineAt++
    this.#at = end
  }

  #fail(message: string): ParseError {
    return new ParseError(message, { file: this.#file, line: this.line })
  }

  #textField(): void {
    const end = this.#source.indexOf('\n;', this.#at)
    const text = this.#source.slice(this.#at + 1, end === -1 ? undefined : end)
    if (end === -1 || SWALLOWED.test(text)) {
      this.#at++
      throw this.#fail('a text field that opens here with ; is never closed by a ; at the start of a line')
    }
    this.#pass(end + 2)
    this.#set('value', unfolded(text))
  }

  /** A quoted string ends at a quote before a blank, so that 'O'Keeffe' is one string; it never spans lines. */
  #quoted(mark: string): void {
    const source = this.#source
    const start = this.#at + 1
    if (source.startsWith(mark + mark, start) && this.#tripleQuoted(mark + mark + mark)) return
    const next = source.indexOf('\n', start)
    const lineEnd = next === -1 ? source.length : next
    let end = source.indexOf(mark, start)
    while (!this.#second && end !== -1 && end + 1 < lineEnd && source.charCodeAt(end + 1) > SPACE)
      end = source.indexOf(mark, end + 1)
    if (end === -1 || end >= lineEnd) {
      this.warnings.push(
        `line ${this.line}: a ${mark} is opened and not closed; the value ends with the line`,
      )
      this.#at = lineEnd
      this.#set('value', source.slice(start, lineEnd))
    } else {
      this.#at = end + 1
      this.#set('value', source.slice(start, end))
    }
  }

  /** The text between triple quotes, over any number of lines; false where an older CIF has none. */
  #tripleQuoted(marks: string): boolean {
    const start = this.#at + 3
    const end = this.#source.indexOf(marks, start)
    if (end === -1 && !this.#second) return false
    if (end === -1) {
      this.#at = start
      throw this.#fail(`a text that opens here with ${marks} is never closed`)
    }
    this.#pass(end + 3)
    this.#set('value', this.#source.slice(start, end))
    return true
  }

  /** A list or table of CIF 2.0, as it is written: none of the items that crystals need is one. */
  #collection(): void {
    const [start, line] = [this.#at, this.line]
    let depth = 0
    do {
      const c = this.#source.charCodeAt(this.#at)
      if (c === OPEN_LIST || c === OPEN_TABLE) depth++
      if (c === CLOSE_LIST || c === CLOSE_TABLE) depth--
      if (c === QUOTE || c === APOSTROPHE) this.#quoted(this.#source[this.#at])
      else if (c === HASH && this.#source.charCodeAt(this.#at - 1) <= SPACE) {
        const end = this.#source.indexOf('\n', this.#at)
        this.#at = end === -1 ? this.#source.length : end
      } else {
        if (c === NEWLINE) this.#lineAt++
        this.#at++
      }
    } while (depth > 0 && this.#at < this.#source.length)
    this.line = line
    if (depth > 0) {
      this.#at = start + 1
      this.#lineAt = line
      throw this.#fail('a list or table that opens here is never closed')
    }
    this.#set('value', this.#source.slice(start, this.#at))
  }
}

function kindOfWord(first: number, text: string): TokenKind {
  // d g l s, in either case: most words are numbers.
  if (first < 68) return 'word'
  const word = text.toLowerCase()
  if (word.startsWith('data_')) return 'data'
  if (word === 'loop_') return 'loop'
  return word === 'global_' || word === 'stop_' || word.startsWith('save_') ? 'keyword' : 'word'
}

/** A text field whose lines were prefixed or folded, as its first line says: `;\`, `;> \`, `;>\\`. */
function unfolded(text: string): string {
  const [, prefix, folds] = /^([^\\\n]*)(\\{1,2})[ \t]*\n/.exec(text) ?? []
  if (folds === undefined) return text
  const lines = text.split('\n').slice(1)
  if (!lines.every((line) => line.startsWith(prefix))) return text
  const plain = lines.map((line) => line.slice(prefix.length)).join('\n')
  return prefix === '' || folds.length === 2 ? plain.replace(/\\[ \t]*\n/g, '') : plain
}
