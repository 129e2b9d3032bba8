import type { IpcNetConnectOpts, LookupFunction, TcpNetConnectOpts } from 'node:net';
import { LONGEST_TIMER } from '../clock';
import { FOREIGN_TO_CONNECT } from '../io/refused-options';
import {
  checkConnect,
  type ConnectOptions,
  LEAST_ATTEMPT_DELAY,
  type TcpOptions,
} from '../io/connect/connect-options';
import { systemLookup } from '../io/connect/lookup';
import { isIP } from '../io/ip';
import { boolean, integer, options, refuseForeign, string } from '../validate';

/**
 * What `net.connect` takes, and requests and agents hand on to it; `attemptDelay` and `socketOptions` as
 * `connect` of `iomux/net` has them. All addresses of a name are tried, by Happy Eyeballs, unless
 * `autoSelectFamily` is false.
 */
export type NetOptions = (
  | Pick<
      TcpNetConnectOpts,
      | 'autoSelectFamily'
      | 'autoSelectFamilyAttemptTimeout'
      | 'port'
      | 'host'
      | 'family'
      | 'hints'
      | 'keepAlive'
      | 'keepAliveInitialDelay'
      | 'localAddress'
      | 'localPort'
      | 'lookup'
      | 'noDelay'
    >
  | Pick<IpcNetConnectOpts, 'path'>
) &
  Pick<TcpOptions, 'attemptDelay' | 'socketOptions'> & {
    /** Emits `timeout` when nothing has been received or sent for this long, in milliseconds. */
    readonly timeout?: number | undefined;
    /** Aborting destroys the connection, whether or not it has been made by then. */
    readonly signal?: AbortSignal | undefined;
  };

/** Any option may be missing, undefined or null. */
type Given = {
  readonly [Name in keyof (TcpNetConnectOpts & TcpOptions)]?:
    (TcpNetConnectOpts & TcpOptions)[Name] | null;
} & { readonly path?: string | null; readonly blockList?: object | null };

/**
 * The options as `connect` of `iomux/net` takes them: ports may be strings, null and an empty host, path or
 * `localAddress` are undefined, and `family` holds for look-ups only, as `net.connect` has it.
 * @throws like `connect`, but at once
 */
export function connectOptions(given: NetOptions): ConnectOptions {
  const o = options(given) as Given;
  // Ignored, it would let the program connect to an address that it blocks.
  refuseForeign({ blockList: o.blockList ?? undefined }, FOREIGN_TO_CONNECT);
  const path = unlessEmpty(o.path);
  const target: ConnectOptions =
    path !== undefined
      ? { path: string('options.path', path) }
      : {
          port: portNumber(o.port),
          host: unlessEmpty(o.host),
          family: lookupFamily(o),
          localAddress: unlessEmpty(o.localAddress),
          localPort: o.localPort ?? undefined,
          lookup: lookupWith(o),
          attemptDelay: o.attemptDelay ?? attemptTimeout(o),
          noDelay: o.noDelay ?? undefined,
          socketOptions: o.socketOptions ?? undefined,
        };
  checkConnect(target);
  return target;
}

/** An empty string means none, as in Node. */
function unlessEmpty(value: string | null | undefined): string | undefined {
  return value === '' ? undefined : (value ?? undefined);
}

function portNumber(port: unknown): number {
  return (typeof port === 'string' ? Number(port) : port) as number;
}

/** By their names, as `server.address()` has them. */
const FAMILIES: Readonly<Record<string, 4 | 6 | undefined>> = { IPv4: 4, IPv6: 6 };

/** `undefined` for an address, which is not looked up. */
function lookupFamily({ family, host }: Given): TcpOptions['family'] {
  if (typeof host === 'string' && isIP(host) !== 0) return undefined;
  return FAMILIES[String(family)] ?? family ?? undefined;
}

/** A value that is too small is raised to the least, as in Node. */
function attemptTimeout({ autoSelectFamilyAttemptTimeout: time }: Given): number | undefined {
  if (time == null) return undefined;
  integer('options.autoSelectFamilyAttemptTimeout', time, 1, LONGEST_TIMER);
  return Math.max(time, LEAST_ATTEMPT_DELAY);
}

/** `autoSelectFamily: false`: only the first address of a name is tried. */
function lookupWith({ autoSelectFamily, hints, lookup }: Given): LookupFunction | undefined {
  const all = autoSelectFamily == null || boolean('options.autoSelectFamily', autoSelectFamily);
  if (!hints && all) return lookup ?? undefined;
  return (host, o, callback) => {
    (lookup ?? systemLookup())(host, { ...o, all, ...(hints ? { hints } : {}) }, callback);
  };
}
