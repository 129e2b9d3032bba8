import { lookup as lookUp } from 'node:dns';
import type { IpcNetConnectOpts, LookupFunction, TcpNetConnectOpts } from 'node:net';
import { type ConnectOptions, checkConnect, type TcpOptions } from '../io/connect/connect-options';
import { options } from '../validate';

/**
 * What `net.connect` takes, and requests and agents hand on to it; `attemptDelay` and `socketOptions` as
 * `connect` of `iomux/net` has them. Several addresses are always tried by Happy Eyeballs.
 */
export type NetOptions = (
  | Pick<
      TcpNetConnectOpts,
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
    /** Emits `timeout` when nothing has come or gone for so long, in milliseconds. */
    readonly timeout?: number | undefined;
  };

/** Any of them may be there, or be undefined, or null. */
type Given = {
  readonly [Name in keyof (TcpNetConnectOpts & TcpOptions)]?:
    (TcpNetConnectOpts & TcpOptions)[Name] | null;
} & { readonly path?: string | null };

/**
 * The options as `connect` of `iomux/net` takes them: ports may be strings, and null is undefined, as
 * `net.connect` has it.
 * @throws like `connect`, but at once
 */
export function connectOptions(given: NetOptions): ConnectOptions {
  const o = options(given) as Given;
  const target: ConnectOptions =
    typeof o.path === 'string'
      ? { path: o.path }
      : {
          port: portNumber(o.port),
          host: o.host ?? undefined,
          family: (o.family as TcpOptions['family']) ?? undefined,
          localAddress: o.localAddress ?? undefined,
          localPort: o.localPort ?? undefined,
          lookup: lookupWith(o),
          attemptDelay: o.attemptDelay ?? o.autoSelectFamilyAttemptTimeout ?? undefined,
          noDelay: o.noDelay ?? undefined,
          socketOptions: o.socketOptions ?? undefined,
        };
  checkConnect(target);
  return target;
}

function portNumber(port: unknown): number {
  return (typeof port === 'string' ? Number(port) : port) as number;
}

function lookupWith({ hints, lookup }: Given): LookupFunction | undefined {
  if (!hints) return lookup ?? undefined;
  return (host, o, callback) => {
    (lookup ?? lookUp)(host, { ...o, hints }, callback);
  };
}
