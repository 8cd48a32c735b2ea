// Names of the weights of an ensemble: those of its members, each behind the number of the member.

/** What stands before the names of the weights of member `n`. */
export function memberPrefix(n: number): string {
  return `members.${n}.`
}

/** Those of `named` that are of member `n`, under the names that the member knows. */
export function ofMember<T>(named: ReadonlyMap<string, T>, n: number): Map<string, T> {
  const prefix = memberPrefix(n)
  return new Map(
    [...named]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  )
}

/** What every member has by name, under the names of the ensemble. */
export function ofAll<T>(members: readonly Iterable<readonly [string, T]>[]): Map<string, T> {
  return new Map(
    members.flatMap((named, n) =>
      [...named].map(([name, value]) => [memberPrefix(n) + name, value] as const),
    ),
  )
}
