// What is known of a network without loading it: its name, and its options on the command line.

/** What is known of a network without loading it. */
export interface NetworkName {
  /** the `architecture` of its configurations */
  readonly name: string
  /** as it is written in a text */
  readonly title: string
  /** hyper-parameters with an option of their own on the command line */
  readonly flags?: readonly {
    /** such as '--frames <method>' */
    readonly option: string
    /** for --help */
    readonly description: string
    /** the hyper-parameter */
    readonly key: string
    /** its values */
    readonly choices: readonly string[]
  }[]
}
