// Interprets a pickle without executing anything: containers and plain values become their JavaScript counterparts, and
// whatever names Python code is handed to the host, which knows a few names and refuses all others. Knows no torch.
//
// None → null, int → number (bigint beyond 2⁵³), str → string, bytes → Uint8Array, list and tuple → array, dict → Map,
// set → Set. Maps, so that no key of a file can reach an object's prototype.

import { LimitError, WeightsError } from '../errors.ts'
import { OPCODE } from './opcodes.ts'

/** Longest pickle that is read. */
export const MAX_PICKLE_BYTES = 2 ** 24
/** Every value takes an instruction, so this bounds memory and time. A real checkpoint has about 10,000. */
const MAX_INSTRUCTIONS = 500_000
const MAX_PROTOCOL = 5
const MAX_INTEGER_BYTES = 16

export interface PickleHost {
  /** What a global of Python stands for. @throws WeightsError for a name that it does not know. */
  find(module: string, name: string): unknown
  /** The object that Python would make by calling it. `spend` charges elements that are copied. */
  call(callable: unknown, args: readonly unknown[], spend: (count: number) => void): unknown
  /** Sets the state of an object that was made by `call`. */
  build(object: unknown, state: unknown): void
  /** An object that the pickle refers to and does not hold. */
  persistent(id: unknown): unknown
}

/**
 * The object that a pickle describes; `bytes` are at most MAX_PICKLE_BYTES.
 * @throws WeightsError for a pickle that is truncated, no pickle, or names code; LimitError beyond the bounds.
 */
export function unpickle(bytes: Uint8Array, host: PickleHost, file: string): unknown {
  const source = reader(bytes, file)
  const stack: unknown[] = []
  const marks: number[] = []
  const memo = new Map<number, unknown>()
  let left = MAX_INSTRUCTIONS

  function fail(message: string): never {
    throw new WeightsError(`${file}: damaged pickle: ${message} at byte ${source.position()}`)
  }
  const spend = (count: number): void => {
    left -= count
    if (left < 0) throw new LimitError(`${file}: its pickle takes more than ${MAX_INSTRUCTIONS} instructions`)
  }
  const floor = (): number => marks.at(-1) ?? 0
  const pop = (): unknown => (stack.length > floor() ? stack.pop() : fail('nothing to take from the stack'))
  const top = (): unknown => (stack.length > floor() ? stack[stack.length - 1] : fail('the stack is empty'))
  const popMark = (): unknown[] => stack.splice(marks.pop() ?? fail('no mark'))
  const take = (count: number): unknown[] => {
    if (stack.length - floor() < count) fail(`fewer than ${count} values on the stack`)
    return stack.splice(stack.length - count)
  }
  const list = (): unknown[] => {
    const target = top()
    return Array.isArray(target) && !Object.isFrozen(target) ? target : fail('appends to what is no list')
  }
  const append = (values: readonly unknown[]): void => {
    const target = list()
    for (const value of values) target.push(value)
  }
  const setItems = (pairs: readonly unknown[]): void => {
    const target = top()
    if (!(target instanceof Map) || pairs.length % 2 !== 0) fail('sets items of what is no dictionary')
    for (let n = 0; n < pairs.length; n += 2) target.set(pairs[n], pairs[n + 1])
  }
  const text = (): string => {
    const value = pop()
    return typeof value === 'string' ? value : fail('a name that is no text')
  }
  const call = (args: unknown, callable: unknown): unknown =>
    Array.isArray(args) ? host.call(callable, args, spend) : fail('a call without a tuple of arguments')
  const recall = (index: number): unknown =>
    memo.has(index) ? memo.get(index) : fail(`nothing is remembered as ${index}`)

  for (;;) {
    spend(1)
    const opcode = source.byte()
    switch (opcode) {
      case OPCODE.PROTO: {
        const protocol = source.byte()
        if (protocol > MAX_PROTOCOL) fail(`protocol ${protocol} is newer than ${MAX_PROTOCOL}`)
        break
      }
      case OPCODE.FRAME:
        source.take(8)
        break
      case OPCODE.STOP: {
        const value = pop()
        if (stack.length > 0 || marks.length > 0) fail('values are left on the stack')
        return value
      }
      case OPCODE.MARK:
        marks.push(stack.length)
        break
      case OPCODE.POP:
        pop()
        break
      case OPCODE.POP_MARK:
        popMark()
        break
      case OPCODE.DUP:
        stack.push(top())
        break
      case OPCODE.NONE:
        stack.push(null)
        break
      case OPCODE.NEWTRUE:
      case OPCODE.NEWFALSE:
        stack.push(opcode === OPCODE.NEWTRUE)
        break
      case OPCODE.BININT:
        stack.push(source.uint32() | 0)
        break
      case OPCODE.BININT1:
        stack.push(source.byte())
        break
      case OPCODE.BININT2:
        stack.push(source.uint16())
        break
      case OPCODE.LONG1:
        stack.push(source.integer(source.byte()))
        break
      case OPCODE.BINFLOAT:
        stack.push(source.float64())
        break
      case OPCODE.BINUNICODE:
        stack.push(source.text(source.uint32()))
        break
      case OPCODE.SHORT_BINUNICODE:
        stack.push(source.text(source.byte()))
        break
      case OPCODE.BINBYTES:
        stack.push(source.take(source.uint32()))
        break
      case OPCODE.SHORT_BINBYTES:
        stack.push(source.take(source.byte()))
        break
      case OPCODE.EMPTY_LIST:
        stack.push([])
        break
      case OPCODE.APPEND:
        append([pop()])
        break
      case OPCODE.APPENDS:
        append(popMark())
        break
      case OPCODE.EMPTY_TUPLE:
        stack.push(Object.freeze([]))
        break
      case OPCODE.TUPLE:
        stack.push(Object.freeze(popMark()))
        break
      case OPCODE.TUPLE1:
      case OPCODE.TUPLE2:
      case OPCODE.TUPLE3:
        stack.push(Object.freeze(take(opcode - OPCODE.TUPLE1 + 1)))
        break
      case OPCODE.EMPTY_DICT:
        stack.push(new Map())
        break
      case OPCODE.SETITEM:
        setItems(take(2))
        break
      case OPCODE.SETITEMS:
        setItems(popMark())
        break
      case OPCODE.EMPTY_SET:
        stack.push(new Set())
        break
      case OPCODE.ADDITEMS: {
        const items = popMark()
        const target = top()
        if (!(target instanceof Set)) fail('adds to what is no set')
        for (const item of items) target.add(item)
        break
      }
      case OPCODE.FROZENSET:
        stack.push(new Set(popMark()))
        break
      case OPCODE.BINPUT:
        memo.set(source.byte(), top())
        break
      case OPCODE.LONG_BINPUT:
        memo.set(source.uint32(), top())
        break
      case OPCODE.MEMOIZE:
        memo.set(memo.size, top())
        break
      case OPCODE.BINGET:
        stack.push(recall(source.byte()))
        break
      case OPCODE.LONG_BINGET:
        stack.push(recall(source.uint32()))
        break
      case OPCODE.GLOBAL: {
        const module = source.line()
        stack.push(host.find(module, source.line()))
        break
      }
      case OPCODE.STACK_GLOBAL: {
        const name = text()
        stack.push(host.find(text(), name))
        break
      }
      case OPCODE.REDUCE:
      case OPCODE.NEWOBJ:
        stack.push(call(pop(), pop()))
        break
      case OPCODE.BUILD: {
        const state = pop()
        host.build(top(), state)
        break
      }
      case OPCODE.BINPERSID:
        stack.push(host.persistent(pop()))
        break
      default:
        fail(`unknown instruction 0x${opcode.toString(16)}`)
    }
  }
}

/** Reads little-endian values one after another; pickle's floats alone are big-endian. */
function reader(bytes: Uint8Array, file: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const advance = (count: number): number => {
    if (count > bytes.length - at) {
      throw new WeightsError(
        `${file}: truncated pickle: ${count} bytes expected at byte ${at} of ${bytes.length}`,
      )
    }
    at += count
    return at - count
  }
  const take = (count: number): Uint8Array => {
    const start = advance(count)
    return bytes.subarray(start, start + count)
  }
  const decode = (part: Uint8Array): string => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(part)
    } catch (cause) {
      throw new WeightsError(`${file}: damaged pickle: text at byte ${at} is not UTF-8`, { cause })
    }
  }
  return {
    position: () => at,
    take,
    byte: () => view.getUint8(advance(1)),
    uint16: () => view.getUint16(advance(2), true),
    uint32: () => view.getUint32(advance(4), true),
    float64: () => view.getFloat64(advance(8), false),
    text: (length: number) => decode(take(length)),
    line: () => {
      const end = bytes.indexOf(0x0a, at)
      const line = decode(take(end < 0 ? bytes.length : end - at))
      advance(1)
      return line
    },
    /** A signed integer of `length` bytes. */
    integer: (length: number): number | bigint => {
      if (length > MAX_INTEGER_BYTES) {
        throw new LimitError(`${file}: an integer of ${length} bytes, at most ${MAX_INTEGER_BYTES} are read`)
      }
      let value = 0n
      for (const byte of take(length).toReversed()) value = (value << 8n) | BigInt(byte)
      if (length > 0) value = BigInt.asIntN(8 * length, value)
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    },
  }
}
