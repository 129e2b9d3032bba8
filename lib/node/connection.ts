import { addAbortSignal } from 'node:stream';
import { busyError, closedError } from '../errors';
import { connect } from '../io/connect/connect';
import { callback, signalOf, string } from '../validate';
import { connectOptions, type NetOptions } from './net-options';
import type { Done } from './outgoing';
import { type DuplexOptions, isHalfOpen } from './duplex-options';
import { SocketDuplex } from './socket-duplex';
import { reportingLookup } from './reporting-lookup';

/**
 * Corresponds to `new net.Socket()`, over an iomux stream: a Duplex that is connected later. For code
 * that takes a socket and connects it itself, or needs one at once, while it is still connecting. Code
 * that can wait uses `toDuplex(await connect(...))`.
 *
 * `lookup` is emitted with each address of a name, before any is tried. `destroy()` stops connecting.
 *
 * @example
 * ```js
 * import { Connection } from 'iomux/node';
 * const socket = new Connection().connect({ host: 'localhost', port: 7 });
 * socket.write('hello\n');
 * socket.pipe(process.stdout);
 * ```
 */
export class Connection extends SocketDuplex {
  readonly #abort = new AbortController();
  #begun = false;

  /** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
  constructor(o?: DuplexOptions) {
    super(undefined, { allowHalfOpen: isHalfOpen(o) });
  }

  /**
   * Connects like `net.Socket`, and then sends what was written before. May be called once only.
   * @param listener for the event `connect`
   * @throws `ERR_BUSY` when it has been called before, `ERR_CLOSED` when it has been destroyed; for an
   * invalid target, like `connect` of `iomux/net`
   */
  connect(o: NetOptions, listener?: () => void): this;
  connect(port: number | string, host?: string, listener?: () => void): this;
  connect(path: string, listener?: () => void): this;
  connect(
    target: NetOptions | number | string,
    ...others: (string | (() => void) | null | undefined)[]
  ): this {
    // The host before it may be undefined or null.
    const listener = others.find((one) => typeof one !== 'string' && one != null) ?? undefined;
    const o = targetOf(target, others[0]);
    const checked = reportingLookup(connectOptions(o), (...found) => {
      if (!this.destroyed) this.emitInContext('lookup', ...found);
    });
    const signal = signalOf({ signal: o.signal ?? undefined });
    if (listener !== undefined) callback('listener', listener);
    if (this.#begun) throw busyError('The connection has been begun already');
    if (this.destroyed) throw closedError('connection');
    if (o.timeout) this.setTimeout(o.timeout);
    this.#begun = true;
    if (listener !== undefined) this.once('connect', listener);
    if ('keepAlive' in o && o.keepAlive) this.setKeepAlive(true, o.keepAliveInitialDelay);
    if (signal !== undefined) addAbortSignal(signal, this);
    if (signal?.aborted !== true) {
      this.follow(connect(checked, { signal: this.#abort.signal }));
    }
    return this;
  }

  /** @internal Aborts here and not in a listener, which the user could remove. */
  override _destroy(error: Error | null, callback: Done): void {
    if (this.connecting) this.#abort.abort();
    super._destroy(error, callback);
  }
}

function targetOf(target: NetOptions | number | string, host: unknown): NetOptions {
  if (typeof target === 'object') return target;
  // What is no number is a path.
  if (typeof target === 'string' && !(Number(target) >= 0)) return { path: target };
  const isGiven = host != null && typeof host !== 'function';
  const port = target as number;
  return { port, host: isGiven ? string('host', host) : undefined };
}
