// The answers of a program, kept in a file as they come, so that no crystal is asked about twice: not after a kill, and not
// when the data or the references change. The first line says whose answers they are, the others are
// {"crystal": KEY, "value": x} or {"crystal": KEY, "error": "…"}.

import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { DatasetError, OutputError, ProgramError } from '../../errors.ts'
import { outputError, textIfThere } from '../../files.ts'
import { type Answer, type ProgramReport, sourceOf } from './messages.ts'

export interface AnswerFile {
  readonly get: (key: string) => Answer | undefined
  /** @throws ProgramError when the answers that are there are another program's */
  readonly claim: (report: ProgramReport | undefined) => void
  readonly add: (key: string, answer: Answer) => void
  /** Who answered; undefined before the first `claim` ever. */
  readonly origin: () => Origin | undefined
  readonly close: () => void
}

/** Whose answers they are: those of a program that says who it is, whatever runs it, or of a command. */
export interface Origin {
  readonly command: string
  readonly program: ProgramReport | null
}

/**
 * Opens it, or begins it. A line that a kill cut off is taken away.
 * @param retry leaves out the errors that are there, which are asked again
 * @throws DatasetError for a file that is something else, OutputError when it cannot be written
 */
export async function openAnswers(
  path: string,
  { command, retry }: { readonly command: string; readonly retry: boolean },
): Promise<AnswerFile> {
  const text = (await textIfThere(path)) ?? ''
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const [first, ...rest] = whole.split('\n').filter((line) => line !== '')
  let origin = first === undefined ? undefined : originOf(path, first)
  const answers = new Map<string, Answer>()
  for (const [n, line] of rest.entries()) {
    const [key, answer] = rowOf(path, line, n + 2)
    if (!(retry && answer.error !== undefined)) answers.set(key, answer)
  }
  const file = writing(path, () => openSync(path, 'a'))
  if (whole !== text) writing(path, () => ftruncateSync(file, Buffer.byteLength(whole)))
  const append = (row: object) => {
    const line = Buffer.from(`${JSON.stringify(row)}\n`)
    if (writing(path, () => writeSync(file, line)) === line.length) return
    throw new OutputError(`${path}: cannot be written: a part of a line only; is the disk full?`)
  }

  return {
    get: (key) => answers.get(key),
    claim(report) {
      const claimed: Origin = { command, program: report ?? null }
      if (origin === undefined) append((origin = claimed))
      else if (nameOf(origin) !== nameOf(claimed)) {
        throw new ProgramError(
          `${path} holds answers of "${nameOf(origin)}", the program is "${nameOf(claimed)}"; ` +
            'label with the same one, or into another file',
        )
      }
    },
    add(key, answer) {
      answers.set(key, answer)
      append({ crystal: key, ...answer })
    },
    origin: () => origin,
    close: () => closeSync(file),
  }
}

function nameOf({ command, program }: Origin): string {
  return sourceOf(command, program ?? undefined)
}

function originOf(path: string, line: string): Origin {
  const origin = parsed(line) as Partial<Origin> | undefined
  if (typeof origin?.command === 'string' && origin.program !== undefined) return origin as Origin
  throw new DatasetError(
    `${path}: does not begin with whose answers it holds; delete it, or choose another output`,
  )
}

function rowOf(path: string, line: string, number: number): [key: string, answer: Answer] {
  const { crystal, ...answer } = (parsed(line) ?? {}) as { crystal?: string } & Answer
  if (typeof crystal === 'string' && (Number.isFinite(answer.value) || typeof answer.error === 'string')) {
    return [crystal, answer]
  }
  throw new DatasetError(
    `${path}, line ${number}: is no answer; delete the line, and its crystal is asked again`,
  )
}

function parsed(line: string): object | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function writing<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw outputError(path, error)
  }
}
