// What a server says of a model.

/** Metadata of a served model. */
export interface RemoteMetadata {
  /** under which it is served */
  readonly name: string
  /** that answer */
  readonly versions: readonly string[]
  /** what it gives for each crystal */
  readonly outputs: readonly {
    /** such as `prediction` */
    readonly name: string
    /** such as `FP32` */
    readonly datatype: string
    /** -1 for the crystals */
    readonly shape: readonly number[]
  }[]
  /** of the model */
  readonly parameters: {
    /** of its network */
    readonly architecture: string
    /** what it predicts */
    readonly targets: readonly {
      /** such as `e_form` */
      readonly name: string
      /** such as `eV/atom` */
      readonly unit: string
    }[]
    /** atomic numbers of the elements that it knows */
    readonly elements: readonly number[]
    /** where it runs */
    readonly device: string
    /** by what */
    readonly engine: string
  }
}
