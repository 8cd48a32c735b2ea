// What is known of a network without loading it: its name, and its options on the command line.

export interface NetworkName {
  /** the `architecture` of its configurations */
  readonly name: string
  /** as it is written in a text */
  readonly title: string
  /** hyper-parameters with an option of their own on the command line */
  readonly flags?: readonly {
    /** such as '--frames <method>' */
    readonly option: string
    readonly description: string
    readonly key: string
    readonly choices: readonly string[]
  }[]
}
