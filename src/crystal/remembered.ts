// What a function of a text gave before: files of one data set say the same few things again and again.

/** The function with a memory of the last `most` texts that it was asked about. */
export function remembered<Value>(most: number, of: (text: string) => Value): (text: string) => Value {
  const known = new Map<string, Value>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = of(text)
    if (known.size >= most) known.delete(known.keys().next().value!)
    known.set(own(text), value)
    return value
  }
}

/** A part of a text keeps the whole of it in memory; this does not. */
function own(text: string): string {
  return ` ${text}`.slice(1)
}
