import { illegalConstructor } from '../../errors';
import { type Abortable, options } from '../../validate';
import {
  type Address,
  type InternetAddress,
  localAddress,
  remoteAddress,
  type UnixAddress,
} from '../address';
import type { Destination } from './address-cache';
import { Channel, onReadable, onWritable } from '../channel';
import { ChannelHandle, onClose, openFd } from '../channel-handle';
import { HandleIterator } from '../handle-iterator';
import {
  openBound,
  openConnected,
  type Opened,
  type UdpBindOptions,
  type UdpConnectOptions,
  type UnixBindOptions,
  type UnixConnectOptions,
} from './datagram-open';
import { Receiving } from './datagram-receiving';
import { Sending } from './datagram-sending';
import {
  type DatagramSettings,
  type Membership,
  preparedMembership,
  preparedSettings,
} from './datagram-settings';
import type { ReceivedDatagram, ReceivedInto } from './inbox';
import type { DatagramHeader, OutgoingDatagram } from './outbox';

/** @inline A datagram with an address of type `Sender`. */
type From<Sender, Received> = Received & {
  /** Of the sender. */
  readonly address: Sender;
};

/**
 * A socket for datagrams: UDP over IPv4 or IPv6, or a Unix socket. Created by `bind`, to exchange
 * datagrams with anybody, or `connect`, with one peer.
 *
 * Each datagram arrives whole, or truncated and marked so if the buffer is too small, or not at all:
 * a lost datagram is not reported. If nobody listens at a UDP peer, the next call on a connected socket,
 * in either direction, fails with `ECONNREFUSED`. On a connected Unix socket every send fails while the
 * receiver is closed, until somebody binds that address again. No error ends the socket.
 *
 * @example
 * ```js
 * import { Datagram } from 'iomux/net';
 * const socket = await Datagram.bind({ host: '127.0.0.1', port: 8125 });
 * for await (const { data, address } of socket) {
 *   await socket.send(`got ${data.length} bytes`, address);
 * }
 * ```
 */
export class Datagram<Sender extends Address | null = Address | null> extends ChannelHandle {
  readonly #receiving: Receiving;
  readonly #sending: Sending;
  readonly #opened: Opened;

  private constructor(channel: Channel, opened: Opened) {
    if (!(channel instanceof Channel)) {
      throw illegalConstructor('Datagram.bind() or Datagram.connect()');
    }
    super(channel);
    this.#opened = opened;
    this.#receiving = new Receiving(channel, opened);
    this.#sending = new Sending(channel, opened);
  }

  /**
   * Opens a UDP socket that receives at an address. If `host` is a name, its first address is used.
   * @throws `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, with `address` and `port`; `ENOTFOUND`; the
   * signal's reason
   */
  static override bind(o?: UdpBindOptions, abort?: Abortable): Promise<Datagram<InternetAddress>>;
  /**
   * Opens a Unix socket that receives at a path. A sender without a name has no address.
   * @throws `EADDRINUSE`, `EACCES`, `ENOENT`, with `address`; the signal's reason
   *
   * @example
   * ```js
   * import { Datagram } from 'iomux/net';
   * const socket = await Datagram.bind({ path: '/tmp/metrics.sock' });
   * ```
   */
  static override bind(
    o: UnixBindOptions,
    abort?: Abortable,
  ): Promise<Datagram<UnixAddress | null>>;
  /** Either of them. */
  static override bind(o?: UdpBindOptions | UnixBindOptions, abort?: Abortable): Promise<Datagram>;
  static override async bind(
    o: UdpBindOptions | UnixBindOptions = {},
    abort?: Abortable,
  ): Promise<Datagram> {
    const opened = await openBound(o, abort);
    return new Datagram(new Channel(opened.fd), opened);
  }

  /**
   * Opens a UDP socket for one peer only. Connecting sends nothing, so it succeeds without a receiver.
   * @throws `ENETUNREACH`, and what `bind` throws
   *
   * @example
   * ```js
   * import { Datagram } from 'iomux/net';
   * const statsd = await Datagram.connect({ host: 'localhost', port: 8125 });
   * await statsd.send('requests:1|c');
   * ```
   */
  static connect(o: UdpConnectOptions, abort?: Abortable): Promise<Datagram<InternetAddress>>;
  /**
   * Opens a Unix socket for one peer only.
   * @throws `ECONNREFUSED`, `ENOENT` if nobody has bound the path, and what `bind` throws
   */
  static connect(o: UnixConnectOptions, abort?: Abortable): Promise<Datagram<UnixAddress | null>>;
  /** Either of them. */
  static connect(o: UdpConnectOptions | UnixConnectOptions, abort?: Abortable): Promise<Datagram>;
  static async connect(
    o: UdpConnectOptions | UnixConnectOptions,
    abort?: Abortable,
  ): Promise<Datagram> {
    const opened = await openConnected(o, abort);
    return new Datagram(new Channel(opened.fd), opened);
  }

  /** `null` once closed. */
  get localAddress(): Sender | null {
    return this.closed ? null : (localAddress(this.fd) as Sender);
  }

  /** `null` unless connected, and once closed. */
  get remoteAddress(): Sender | null {
    if (this.closed || this.#opened.peerFamily === null) return null;
    return remoteAddress(this.fd) as Sender;
  }

  /**
   * Receives the next datagram: at most 65,728 bytes of it, which is more than IP allows.
   * @throws `ERR_BUSY` while another receive is pending, `ERR_CLOSED`, the signal's reason;
   * `ECONNREFUSED` for a datagram sent earlier (the socket remains usable)
   */
  receive(o?: Abortable): Promise<From<Sender, ReceivedDatagram>>;
  /**
   * Receives the next datagram, or its beginning, into the caller's buffer, which may be written to
   * until the promise settles.
   */
  receive(into: Uint8Array, o?: Abortable): Promise<From<Sender, ReceivedInto>>;
  receive(
    first?: Uint8Array | Abortable,
    second?: Abortable,
  ): Promise<ReceivedDatagram | ReceivedInto> {
    // Memory of any other kind is an error, and no options; nor is none where options follow.
    return ArrayBuffer.isView(first) || first instanceof ArrayBuffer || second !== undefined
      ? this.#receiving.one(first as Uint8Array, second)
      : this.#receiving.one(null, first);
  }

  /**
   * Receives the available datagrams, at least one and at most `max` (64 by default), with one system
   * call for all of them.
   * @throws like `receive`
   */
  receiveMany(
    o?: Abortable & { readonly max?: number | undefined },
  ): Promise<From<Sender, ReceivedDatagram>[]> {
    return this.#receiving.many(o) as Promise<never[]>;
  }

  /**
   * Returns the next datagram without waiting, or `null` if there is none (`readable(socket)` of iomux
   * resolves when there is). For your own loop over `Poller`, `Epoll` or `select`.
   * @throws like `receive`
   */
  tryReceive(): From<Sender, ReceivedDatagram> | null;
  tryReceive(into: Uint8Array): From<Sender, ReceivedInto> | null;
  tryReceive(into?: Uint8Array): ReceivedDatagram | ReceivedInto | null {
    return this.#receiving.try(into);
  }

  /**
   * Iterates over the datagrams, until the socket is closed. They are received in batches; those left
   * when the loop ends are returned by the next receive.
   * @throws what `receive` throws except `ERR_CLOSED`; a new loop continues after it
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<From<Sender, ReceivedDatagram>, undefined> {
    return new HandleIterator(this.#receiving) as AsyncIterableIterator<never, undefined>;
  }

  /**
   * Sends a datagram, and resolves when the kernel has taken it, which does not mean that it arrives.
   * While the kernel's buffer or, on a connected Unix socket, the receiver's queue is full, sends wait
   * in the order of the calls. Bytes that have to wait are copied, so they may change at once.
   * @param to the destination, on a socket that is not connected: addresses, not names
   * @throws `EMSGSIZE`, `EACCES` (see `broadcast`), `ENETUNREACH`, `ECONNREFUSED`, with `address`;
   * `ENOBUFS` when the queue of a Unix socket that this one is not connected to is full, since the
   * system does not report when there is room (macOS and FreeBSD: connected or not); `ERR_CLOSED`, the
   * signal's reason
   */
  send(data: Uint8Array | string, to?: Destination, o?: DatagramHeader & Abortable): Promise<void> {
    return this.#sending.send(data, to, o);
  }

  /**
   * Sends many datagrams in order, with few system calls. Consecutive datagrams of one size to one
   * address are passed as one train that the kernel splits, where it can (UDP GSO on Linux). All are
   * checked before the first is sent, and copied, so they may change at once.
   * @param to the destination of those without one of their own; likewise `o`
   * @throws what `send` throws. An error of the system has `sent`: how many were sent before the one that
   * failed; those after it were not sent. `ERR_CLOSED` and the signal's reason do not say how many were
   * sent. `ERR_OUT_OF_RANGE` for 2 GiB and more in total
   *
   * @example
   * ```js
   * import { Datagram } from 'iomux/net';
   * const socket = await Datagram.bind();
   * await socket.sendMany(['a:1|c', 'b:2|c'], { address: '127.0.0.1', port: 8125 });
   * ```
   */
  sendMany(
    messages: Iterable<Uint8Array | string | OutgoingDatagram>,
    to?: Destination,
    o?: DatagramHeader & Abortable,
  ): Promise<void> {
    return this.#sending.sendMany(messages, to, o);
  }

  /**
   * Sends the datagram if the kernel takes it now, and returns whether it did. If not,
   * `writable(socket)` of iomux resolves when it may.
   * @throws `ERR_BUSY` while a `send` is pending, which comes first; otherwise like `send`
   */
  trySend(data: Uint8Array | string, to?: Destination, o?: DatagramHeader): boolean {
    return this.#sending.trySend(data, to, o);
  }

  /**
   * Changes settings.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_CLOSED`; `ENODEV`
   * for an unknown interface; `ENOTSUP` and others for a Unix socket
   */
  configure(o: DatagramSettings): this {
    const set = preparedSettings(o);
    set(openFd(this), this.#opened.family);
    return this;
  }

  /**
   * Joins a multicast group, to receive what is sent to it: by anybody, or by `source` only.
   * @throws `EADDRINUSE` when already joined, `ENODEV`, `EINVAL` for an address that is not a group
   *
   * @example
   * ```js
   * import { Datagram } from 'iomux/net';
   * const socket = await Datagram.bind({ port: 5353, reuseAddress: true });
   * socket.join('224.0.0.251');
   * ```
   */
  join(group: string, o?: Membership): this {
    const join = preparedMembership(true, group, options(o));
    join(openFd(this));
    return this;
  }

  /**
   * Leaves a group that was joined with the same arguments.
   * @throws `EADDRNOTAVAIL` when not joined
   */
  leave(group: string, o?: Membership): this {
    const leave = preparedMembership(false, group, options(o));
    leave(openFd(this));
    return this;
  }

  /** @internal */
  override [onReadable](): void {
    this.#receiving.continue();
  }

  /** @internal */
  override [onWritable](): void {
    this.#sending.continue();
  }

  /** @internal */
  override [onClose](reason: Error): void {
    this.#receiving.fail(reason);
    this.#sending.fail(reason);
    this.#opened.release();
  }
}
