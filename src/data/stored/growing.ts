// A typed array that grows: numbers of so many crystals as come.

type Numbers =
  | Float64Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>

export interface Growing<Array extends Numbers> {
  readonly push: (value: number) => void
  /** All that were pushed; valid until the next one. */
  readonly all: () => Array
}

const FIRST = 2 ** 12

export function growing<Array extends Numbers>(make: new (length: number) => Array): Growing<Array> {
  let array = new make(FIRST)
  let length = 0
  return {
    push: (value) => {
      if (length === array.length) {
        const larger = new make(2 * length)
        larger.set(array)
        array = larger
      }
      array[length++] = value
    },
    all: () => array.subarray(0, length) as Array,
  }
}
