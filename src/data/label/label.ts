// A data set labelled by a program, from file to file: asks about every crystal that has no answer yet, and then writes all
// of them in their order, each with its label and who says so, or with the reason why there is none.

import { basename } from 'node:path'
import { atomicFractions } from '../../crystal/formula.ts'
import { ConfigError, OutputError } from '../../errors.ts'
import { checkOutput, writeWhole } from '../../files.ts'
import { loadDataset, readDataset, writeDataset } from '../dataset.ts'
import { type LabelledCrystal, labelledCrystal } from '../labelled.ts'
import { additive } from '../per-element.ts'
import { splitDataset } from '../split.ts'
import { type AnswerFile, openAnswers } from './answers.ts'
import { type AskOptions, askProgram } from './ask.ts'
import { type Question, questionOf, sourceOf } from './messages.ts'
import { describeReferences, fitReferences, type KnownCrystal, type References } from './references.ts'

/** What is labelled, with what. */
export interface LabelOptions extends AskOptions {
  /** What the label is called. */
  readonly target: string
  /** Its unit; written down beside the data. */
  readonly unit?: string
  /** A data set with the target: the labels are energies an atom, and become formation energies by its train split. */
  readonly references?: string
  /** Labels outside are errors. */
  readonly range?: readonly [low: number, high: number]
  /** Every n-th crystal of the data, from the i-th on (1 … n). */
  readonly shard?: { readonly i: number; readonly n: number }
  /** Asks again about crystals whose answer was an error. */
  readonly retry?: boolean
  /** Told of every crystal that is asked about. */
  readonly onAnswer?: (answered: number) => void
  /** Told of every crystal that has no label. */
  readonly onError?: (id: string, reason: string) => void
}

/** What came of it. */
export interface LabelSummary {
  readonly crystals: number
  readonly labelled: number
  readonly errors: number
  /** Who answered; undefined where nobody was asked. */
  readonly source: string | undefined
  readonly references: References | undefined
}

/** Beside an output: the answers as they came, and what made the labels. */
export function labelFiles(output: string): { readonly answers: string; readonly source: string } {
  return { answers: `${output}.answers.jsonl`, source: `${output}.source.json` }
}

/**
 * Labels the crystals of a data file or folder, or of several one after the other. Answers are kept beside `output` as they come: a call that was ended goes on where it
 * was, and the file is the same.
 * @throws ProgramError for a program that cannot be used; ConfigError for standard input; DatasetError, OutputError
 */
export async function labelDataset(
  data: string | readonly string[],
  output: string,
  options: LabelOptions,
): Promise<LabelSummary> {
  const { target, unit, references: known, command, retry = false } = options
  const files = labelFiles(output)
  if ([data].flat().includes('-')) {
    throw new ConfigError(
      '-: crystals that are labelled are read twice, which standard input cannot be; write them to a file',
    )
  }
  if ((await checkOutput(output)).kind !== 'file') {
    throw new OutputError(`${output}: is no regular file; expected one, since the answers are kept beside it`)
  }
  const answers = await openAnswers(files.answers, { command, retry })
  try {
    const ask = asker(answers, options)
    const references = known === undefined ? undefined : await referencesOf(known, target, answers, ask)
    await ask(shardOf(data, options.shard))
    const origin = answers.origin()
    const source = origin && sourceOf(origin.command, origin.program ?? undefined)
    let errors = 0
    async function* labelled(): AsyncGenerator<LabelledCrystal> {
      for await (const crystal of shardOf(data, options.shard)) {
        const made = labelOf(crystal, answers, references, options)
        if (typeof made === 'number') yield withLabel(crystal, target, made, source ?? command)
        else {
          errors++
          options.onError?.(crystal.id, made.error)
          yield withoutLabel(crystal, target, made.error)
        }
      }
    }
    const crystals = await writeDataset(output, labelled())
    const summary = { crystals, labelled: crystals - errors, errors }
    const how = {
      ...{
        target,
        unit: unit ?? null,
        command: origin?.command ?? command,
        program: origin?.program ?? null,
      },
      ...{
        ...summary,
        references: references ? { data: basename(known!), ...describeReferences(references) } : null,
      },
    }
    await writeWhole(files.source, `${JSON.stringify(how, undefined, 2)}\n`)
    return { ...summary, source, references }
  } finally {
    answers.close()
  }
}

type Ask = (crystals: AsyncIterable<LabelledCrystal>) => Promise<void>

/** Asks about the crystals that have no answer. */
function asker(answers: AnswerFile, options: LabelOptions): Ask {
  let answered = 0
  return (crystals) => {
    async function* questions(): AsyncGenerator<Question> {
      for await (const { id, structure } of crystals) {
        const question = questionOf(id, structure)
        if (question !== undefined && answers.get(question.key) === undefined) yield question
      }
    }
    return askProgram(questions(), options, {
      onProgram: answers.claim,
      onAnswer({ key }, answer) {
        answers.add(key, answer)
        options.onAnswer?.(++answered)
      },
    })
  }
}

async function referencesOf(
  data: string,
  target: string,
  answers: AnswerFile,
  ask: Ask,
): Promise<References> {
  const { train } = splitDataset(await loadDataset(data))
  const withTarget = train.filter(({ targets }) => targets[target] !== undefined)
  await ask(streamed(withTarget))
  const known = withTarget.flatMap(({ id, structure, targets }): KnownCrystal[] => {
    const label = answerOf(id, structure, answers)
    return typeof label === 'number' ? [{ structure, label, target: targets[target] }] : []
  })
  return fitReferences(known)
}

async function* streamed<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function* shardOf(
  data: string | readonly string[],
  { i, n }: { readonly i: number; readonly n: number } = { i: 1, n: 1 },
): AsyncGenerator<LabelledCrystal> {
  if (!(i >= 1 && i <= n)) throw new ConfigError(`shard ${i}/${n}: expected 1/${n} to ${n}/${n}`)
  let index = 0
  for await (const crystal of readDataset(data)) if (index++ % n === i - 1) yield crystal
}

function answerOf(
  id: string,
  structure: LabelledCrystal['structure'],
  answers: AnswerFile,
): number | { readonly error: string } {
  const question = questionOf(id, structure)
  if (question === undefined)
    return { error: 'sites are disordered; a program is asked about ordered crystals only' }
  const { value, error } = answers.get(question.key) ?? { error: 'the program gave no answer' }
  return error === undefined ? value : { error }
}

function labelOf(
  { id, structure }: LabelledCrystal,
  answers: AnswerFile,
  references: References | undefined,
  { range: [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] }: LabelOptions,
): number | { readonly error: string } {
  const answer = answerOf(id, structure, answers)
  if (typeof answer !== 'number') return answer
  const label = references ? answer - additive(atomicFractions(structure), references.perElement) : answer
  if (Number.isNaN(label)) return { error: 'there is no reference for one of its elements' }
  return label >= low && label <= high ? label : { error: `its label ${label} is outside ${low} to ${high}` }
}

function withLabel(crystal: LabelledCrystal, target: string, label: number, source: string): LabelledCrystal {
  return labelledCrystal({
    ...{ ...crystal, error: undefined },
    targets: [...others(crystal.targets, target), [target, label]],
    source: { ...crystal.source, [target]: source },
  })
}

/** An older label goes, too: it would pass for one of the program. */
function withoutLabel(crystal: LabelledCrystal, target: string, error: string): LabelledCrystal {
  return labelledCrystal({
    ...{ ...crystal, error },
    targets: others(crystal.targets, target),
    source: crystal.source && Object.fromEntries(others(crystal.source, target)),
  })
}

function others<T>(record: Readonly<Record<string, T>>, target: string): [string, T][] {
  return Object.entries(record).filter(([name]) => name !== target)
}
