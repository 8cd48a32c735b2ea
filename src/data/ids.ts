// Which ids a reading has met, so that one that stands twice is told with the place where it stood before.

/** Notes the ids of a reading. */
export interface IdRegister {
  /**
   * Notes an id.
   * @param place of its record, for messages @param before records that were read before it
   * @returns the place where it stood before; undefined for a new one
   */
  readonly placeBefore: (
    id: string,
    place: string,
    before: number,
  ) => string | undefined | Promise<string | undefined>
}

/** Every id and its place in memory: some 200 bytes of each. */
export function idsInMemory(): IdRegister {
  const placeOf = new Map<string, string>()
  return {
    placeBefore: (id, place) => {
      const earlier = placeOf.get(id)
      if (earlier === undefined) placeOf.set(id, place)
      return earlier
    },
  }
}
