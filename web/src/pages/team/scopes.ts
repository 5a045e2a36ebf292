/** What a key with the scopes `own` may hand out: nobody grants what they may not do themselves. */
export const grantable = (scope: string, own: readonly string[]): boolean =>
  own.includes('*') || own.includes(scope)

/** What is usual for a kind, as far as one may hand it out, and what of it one may not. */
export function usual(
  scopes: readonly string[],
  own: readonly string[],
): { given: string[]; lacking: string[] } {
  return {
    given: scopes.filter((scope) => grantable(scope, own)),
    lacking: scopes.filter((scope) => !grantable(scope, own)),
  }
}

/** What to send: nothing where it is just what the server gives by itself. */
export function asked(chosen: readonly string[], ofKind: readonly string[]): string[] {
  const same = chosen.length === ofKind.length && ofKind.every((scope) => chosen.includes(scope))
  return same ? [] : [...chosen].sort()
}
