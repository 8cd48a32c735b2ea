// What a server says of a model.

/** Metadata of a served model. */
export interface RemoteMetadata {
  /** under which it is served */
  readonly name: string
  /** that answer */
  readonly versions: readonly string[]
  /** what it gives for each crystal */
  readonly outputs: readonly {
    readonly name: string
    readonly datatype: string
    readonly shape: readonly number[]
  }[]
  /** of the model */
  readonly parameters: {
    /** of its network */
    readonly architecture: string
    /** what it predicts, and in which units */
    readonly targets: readonly { readonly name: string; readonly unit: string }[]
    /** atomic numbers of the elements that it knows */
    readonly elements: readonly number[]
    /** where it runs */
    readonly device: string
    /** by what */
    readonly engine: string
  }
}
