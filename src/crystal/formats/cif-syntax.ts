// What the words of a CIF make (Hall, Allen & Brown 1991; International Tables G, 2.2): data blocks, tags, loops. Lenient
// where real files are: a text before the first block, an unquoted value of several words. Not here: the words
// (cif-lexer.ts), what the tags mean (cif.ts).

import { ParseError } from '../../errors.ts'
import { CifLexer } from './cif-lexer.ts'

/** The values of one tag, with the line each stands on. A tag outside a loop has one value. */
export interface CifColumn {
  /** `undefined` for the unquoted `?` and `.`. */
  readonly values: (string | undefined)[]
  readonly lines: number[]
  /** Line of the first row of its loop that is not filled, where the values of the loop do not fill its rows. */
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

/** Splits the text into its data blocks. A text before the first is passed over. */
export function* cifBlocks(text: string, file: string | undefined, linesBefore: number): Generator<CifBlock> {
  const lexer = new CifLexer(text, file, linesBefore)
  start(lexer, file)
  while (lexer.kind !== 'end') {
    const block: CifBlock = {
      name: lexer.text.slice(5),
      line: lexer.line,
      columns: new Map(),
      warnings: lexer.warnings,
    }
    try {
      readBlock(lexer, block)
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
      block.error = error
      lexer.skipToBlock()
    }
    lexer.warnings = []
    yield block
  }
}

/** Goes to the first block. @throws ParseError where there is none */
function start(lexer: CifLexer, file: string | undefined): void {
  lexer.next()
  while (lexer.kind === 'keyword') lexer.next()
  if (isBlock(lexer)) return
  const found = lexer.kind === 'end' ? 'nothing' : quote(lexer.text)
  const where = { file, line: lexer.line }
  lexer.warnings.push(`line ${lexer.line}: a text before the first data block is passed over`)
  lexer.skipToBlock()
  if (isBlock(lexer)) return
  throw new ParseError(`no data block: a CIF starts with data_NAME, found ${found}`, where)
}

/** Reads up to the token that starts the next block, or the end. */
function readBlock(lexer: CifLexer, block: CifBlock): void {
  lexer.next()
  for (;;) {
    if (lexer.kind === 'end' || lexer.kind === 'data') return
    if (lexer.kind === 'tag') readItem(lexer, block)
    else if (lexer.kind === 'loop') readLoop(lexer, block)
    else {
      if (lexer.kind !== 'keyword') {
        block.warnings.push(`line ${lexer.line}: ${quote(lexer.text)} belongs to no tag`)
      }
      lexer.next()
    }
  }
}

/** A tag and its value: the next one, or all words of its line. */
function readItem(lexer: CifLexer, block: CifBlock): void {
  const { text: tag, line } = lexer
  lexer.next()
  if (!isValue(lexer)) {
    addColumn(block, tag, { values: [], lines: [] }, line)
    return
  }
  const [first, valueLine] = [lexer.text, lexer.line]
  const value = contentOf(lexer)
  lexer.next()
  const words = [first]
  for (; isValue(lexer) && lexer.line === valueLine; lexer.next()) words.push(lexer.text)
  if (words.length > 1) {
    block.warnings.push(`line ${line}: ${tag} has a value of several words without quotes`)
  }
  addColumn(block, tag, { values: [words.length > 1 ? words.join(' ') : value], lines: [valueLine] }, line)
}

function readLoop(lexer: CifLexer, block: CifBlock): void {
  const tags: { text: string; line: number }[] = []
  for (lexer.next(); lexer.kind === 'tag'; lexer.next()) tags.push({ text: lexer.text, line: lexer.line })
  const width = tags.length
  const columns = tags.map((): CifColumn => ({ values: [], lines: [] }))
  let n = 0
  for (; isValue(lexer); lexer.next()) {
    if (width === 0) continue
    const column = columns[n]
    column.values.push(contentOf(lexer))
    column.lines.push(lexer.line)
    if (++n === width) n = 0
  }
  const ragged = n === 0 ? undefined : raggedLine(columns)
  for (const [i, column] of columns.entries()) {
    if (ragged !== undefined) column.ragged = ragged
    addColumn(block, tags[i].text, column, tags[i].line)
  }
}

/** The first line that holds another number of values than a row has; the last one where rows go over lines. */
function raggedLine(columns: readonly CifColumn[]): number {
  const [width, [first]] = [columns.length, columns]
  let [line, count] = [first.lines[0], 0]
  for (let i = 0; ; i++) {
    for (const { lines } of columns) {
      if (lines[i] === line) count++
      else if (count !== width || lines[i] === undefined) return line
      else [line, count] = [lines[i], 1]
    }
  }
}

function addColumn(block: CifBlock, tag: string, column: CifColumn, line: number): void {
  const key = tag.toLowerCase().replaceAll('.', '_')
  const before = block.columns.get(key)
  if (before === undefined || before.values.every((v) => v === undefined)) block.columns.set(key, column)
  else block.warnings.push(`line ${line}: ${tag} is given twice; the first is used`)
}

function contentOf({ kind, text }: CifLexer): string | undefined {
  return kind === 'word' && (text === '?' || text === '.') ? undefined : text
}

function isBlock({ kind }: CifLexer): boolean {
  return kind === 'data'
}

function isValue({ kind }: CifLexer): boolean {
  return kind === 'word' || kind === 'value'
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
