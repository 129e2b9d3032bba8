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

/** What other libraries call an option, or where they have it. */
const NAMES = { hostname: 'is called host here', address: 'is called host here' };
const WAITS = {
  signal: 'belongs in the second argument',
  timeout: 'is a signal in the second argument here: AbortSignal.timeout(milliseconds)',
};
const NO_WAITS = { signal: 'is no option here', timeout: 'is no option here' };

/**
 * Refuses options of other libraries that say where a socket is bound or connects, and for how long it is
 * tried: ignored, they would have it listen everywhere, or wait for ever.
 * @param waits whether there is a second argument, for a signal
 * @throws `ERR_INVALID_ARG_VALUE`
 */
export function refuseElsewhere(o: object, waits: boolean): void {
  for (const [name, hint] of Object.entries({ ...NAMES, ...(waits ? WAITS : NO_WAITS) })) {
    const value = (o as Record<string, unknown>)[name];
    if (value !== undefined) throw invalidValue(`options.${name}`, hint, value);
  }
}
