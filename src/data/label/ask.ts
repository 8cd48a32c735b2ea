// Asks a program about many crystals: several processes side by side, a few questions at once each. A process that fails is
// replaced, and what it left unanswered is asked one by one, each of a new process where need be, so that the crystal which
// it cannot take is known and the others have their answers.

import { ProgramError } from '../../errors.ts'
import type { Answer, ProgramReport, Question } from './messages.ts'
import { type Program, startProgram } from './program.ts'

/** How a program is asked. */
export interface AskOptions {
  /** A line for the shell; its processes read questions from standard input and write answers to standard output. */
  readonly command: string
  /** Processes side by side. Default 1. */
  readonly workers?: number
  /** Questions that a process has at once. Default 8. */
  readonly inFlight?: number
  /** Seconds without an answer, from the start on, after which a process counts as hung. Default 120. */
  readonly timeout?: number
}

/** Where answers go. */
export interface Listener {
  /** Called when a process first says something, before its answers. @throws when it is not the program that began */
  readonly onProgram: (report: ProgramReport | undefined) => void
  readonly onAnswer: (question: Question, answer: Answer) => void
}

/** A program of which as many processes end before any has said a word cannot work at all. */
const MAX_MUTE = 4

/**
 * Every question is answered once, in any order.
 * @throws ProgramError when the program never says anything; what the listener throws
 */
export async function askProgram(
  questions: AsyncIterable<Question>,
  options: AskOptions,
  { onProgram, onAnswer }: Listener,
): Promise<void> {
  const { command, workers = 1, inFlight = 8, timeout = 120 } = options
  const rounds = inRounds(questions, inFlight)
  /** Processes that work now, so that none is left when one throws. */
  const programs = new Set<Program>()
  /** Crystals on which processes died before any had said a word. */
  const doubtful: { readonly question: Question; readonly answer: Answer }[] = []
  let hasSpoken = false
  let mute = 0
  let hasStopped = false

  async function work(): Promise<void> {
    let program: Program | undefined
    /** Rounds of the program. */
    let asked = 0
    let left = new Map<string, Question>()

    function start(): Program {
      let isKnown = false
      asked = 0
      const started = startProgram({
        command,
        timeout,
        onMessage(message) {
          if (!isKnown) onProgram(message.kind === 'report' ? message.report : undefined)
          isKnown = hasSpoken = true
          for (const { question, answer } of doubtful.splice(0)) onAnswer(question, answer)
          if (message.kind === 'report') return
          const question = left.get(message.id)!
          left.delete(message.id)
          onAnswer(question, message.answer)
        },
      })
      programs.add(started)
      return started
    }

    async function ask(round: readonly Question[]): Promise<void> {
      if (program === undefined || program.hasEnded()) program = start()
      asked++
      left = new Map(round.map((question) => [question.id, question]))
      const failure = await program.ask(round)
      if (failure === undefined || hasStopped) return
      programs.delete(program)
      if (!hasSpoken && ++mute === MAX_MUTE) throw neverAnswered(command, failure)
      const unanswered = [...left.values()]
      // It may have ended of something that came before.
      if (round.length === 1 && asked === 1) blame(round[0], failure)
      else for (const question of unanswered) if (!hasStopped) await ask([question])
    }

    try {
      for await (const round of { [Symbol.asyncIterator]: () => ({ next: () => rounds.next() }) }) {
        if (hasStopped) return
        await ask(round)
      }
      await program?.end()
    } catch (error) {
      hasStopped = true
      for (const other of programs) other.kill()
      throw error
    }
  }

  function blame(question: Question, reason: string): void {
    const answer = { error: `the program was lost: ${reason}` }
    if (hasSpoken) onAnswer(question, answer)
    else doubtful.push({ question, answer })
  }

  const done = await Promise.allSettled(Array.from({ length: workers }, work))
  await rounds.return(undefined)
  for (const settled of done) if (settled.status === 'rejected') throw settled.reason
  if (doubtful.length > 0) throw neverAnswered(command, doubtful[0].answer.error!)
}

function neverAnswered(command: string, reason: string): ProgramError {
  return new ProgramError(
    `${command}: no process of it answered (${reason}); try it by hand: it reads a JSON line with a crystal and writes ` +
      '{"id", "value"} or {"id", "error"}, without waiting for more',
  )
}

async function* inRounds(questions: AsyncIterable<Question>, size: number): AsyncGenerator<Question[]> {
  let round: Question[] = []
  for await (const question of questions) {
    if (round.push(question) < size) continue
    yield round
    round = []
  }
  if (round.length > 0) yield round
}
