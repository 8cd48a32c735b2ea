// What a checkpoint holds besides the data of a network.

/** Something of Python's that is harmless to leave unread: nothing is made of it. */
export class Opaque {
  /** in Python */
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}
