import type { LookupFunction } from 'node:net';
import type { ConnectOptions } from '../io/connect/connect-options';
import { systemLookup } from '../io/connect/lookup';

/** The arguments of the event `lookup` of a `net.Socket`. */
export type Found =
  | [error: null, address: string, family: number | undefined, host: string]
  | [error: Error, address: undefined, family: undefined, host: string];

/** The options, with a lookup that reports each address of a name, or its error. */
export function reportingLookup(
  o: ConnectOptions,
  report: (...found: Found) => void,
): ConnectOptions {
  if (o.port === undefined) return o;
  const lookup: LookupFunction = (host, how, callback) => {
    (o.lookup ?? systemLookup())(host, how, (error, answer, family) => {
      if (error) report(error, undefined, undefined, host);
      else {
        const all = Array.isArray(answer) ? answer : [{ address: answer, family }];
        for (const one of all) report(null, one.address, one.family, host);
      }
      callback(error, answer, family);
    });
  };
  return { ...o, lookup };
}
