// The log of a server: JSON lines by pino, or lines for people. Texts of requests are cut and have no control characters:
// a log is read in terminals.

import { pino } from 'pino'

export type Log = ReturnType<typeof logOf>

const LONGEST = 300

/** @param write takes lines, with their ends */
export function logOf({ json, write }: { readonly json: boolean; readonly write: (lines: string) => void }) {
  const line = ofOneTurn(write)
  return pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message', formatters: { level } },
    { write: json ? line : (text: string) => line(forPeople(JSON.parse(text))) },
  )
}

/** Lines of one turn of the event loop are written together: each write of its own would cost a call of the system. */
function ofOneTurn(write: (lines: string) => void): (line: string) => void {
  let lines = ''
  return (line) => {
    if (lines === '') {
      setImmediate(() => {
        write(lines)
        lines = ''
      })
    }
    lines += line
  }
}

function level(name: string): { level: string } {
  return { level: name }
}

function forPeople({ time, level: name, message, ...rest }: Record<string, unknown>): string {
  const facts = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
  )
  return (
    `${String(time).slice(11, 19)} ${name === 'info' ? '' : `${name} `}${message} ${facts.join(' ')}`.trimEnd() +
    '\n'
  )
}

/** A text of a request, for a log or a message. */
export function plain(text: string): string {
  return text.slice(0, LONGEST).replace(/\p{Cc}/gu, '�')
}

/** A trace context of W3C, where the header holds one: it goes on into log and answer. https://www.w3.org/TR/trace-context */
export function traceOf(header: unknown): string | undefined {
  return typeof header === 'string' && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(header)
    ? header
    : undefined
}
