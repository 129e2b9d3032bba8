import { invalidValue } from '../errors';

/**
 * Refuses options that would be ignored: `beside` has, for every option that says what it is about, the
 * options that mean something together with it.
 * @throws `ERR_INVALID_ARG_VALUE`
 */
export function refuseOthers<Kind extends string>(
  o: object,
  kind: Kind,
  beside: Readonly<Record<Kind, readonly string[]>>,
): void {
  const known = new Set([
    ...Object.keys(beside),
    ...Object.values<readonly string[]>(beside).flat(),
  ]);
  const allowed: readonly string[] = [kind, ...beside[kind]];
  for (const [name, value] of Object.entries(o)) {
    if (value !== undefined && known.has(name) && !allowed.includes(name)) {
      throw invalidValue(`options.${name}`, `must not be given together with ${kind}`, value);
    }
  }
}
