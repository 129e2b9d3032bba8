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
import { Channel } from '../channel';
import { ChannelHandle } from '../channel-handle';
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
import { Datagrams } from './datagrams';
import { Sending } from './datagram-sending';
import {
  type DatagramSettings,
  type Membership,
  preparedMembership,
  preparedSettings,
} from './datagram-settings';
import type { ReceivedDatagram, ReceivedInto } from './inbox';
import type { DatagramHeader, OutgoingDatagram } from './outbox';

/** @inline A datagram from somebody whose address is known to be a `Sender`. */
type From<Sender, Received> = Received & {
  /** Of the sender, as far as it is known what it may be. */
  readonly address: Sender;
};

/**
 * A socket for datagrams: UDP over IPv4 or IPv6, or a Unix socket. Made by `bind`, for datagrams from
 * and to anybody, or `connect`, for those of one peer.
 *
 * Each datagram arrives whole or, where the buffer is too small, cut off and marked so; or not at all:
 * nobody is told of one that is lost. That nobody listens at a UDP peer (`ECONNREFUSED`) is told to
 * the next call on a connected socket, of whichever direction. A connected Unix socket whose receiver is
 * closed says so with every send, until somebody has bound that address again. No error ends the socket.
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
   * A UDP socket that receives at an address. With a `host` that is a name, its first address.
   * @throws `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`, with `address` and `port`; `ENOTFOUND`; the
   * signal's reason
   */
  static override bind(o?: UdpBindOptions, abort?: Abortable): Promise<Datagram<InternetAddress>>;
  /**
   * A Unix socket that receives at a path. A sender may have no name, and so no address.
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
   * A UDP socket that talks to one peer only. This sends nothing, and so finds anybody there.
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
   * A Unix socket that talks to one peer only.
   * @throws `ECONNREFUSED`, `ENOENT` where nobody has bound it, and what `bind` throws
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
  get localAddress(): Address | null {
    return this.closed ? null : localAddress(this.fd);
  }

  /** `null` unless connected, and once closed. */
  get remoteAddress(): Address | null {
    return this.closed || this.#opened.peerFamily === null ? null : remoteAddress(this.fd);
  }

  /**
   * The next datagram: at most 65,728 bytes of it, which is more than IP has.
   * @throws `ERR_BUSY` while another receive is under way, `ERR_CLOSED`, the signal's reason;
   * `ECONNREFUSED` for a datagram that was sent before, and goes on with the next call
   */
  receive(o?: Abortable): Promise<From<Sender, ReceivedDatagram>>;
  /**
   * The next datagram, or its beginning, in the caller's memory, which may be written to until the
   * promise is settled.
   */
  receive(into: Uint8Array, o?: Abortable): Promise<From<Sender, ReceivedInto>>;
  receive(
    first?: Uint8Array | Abortable,
    second?: Abortable,
  ): Promise<ReceivedDatagram | ReceivedInto> {
    // Memory of any other kind is an error, and no options; nor is none where options follow.
    return ArrayBuffer.isView(first) || first instanceof ArrayBuffer || second !== undefined
      ? this.#receiving.into(first as Uint8Array, second)
      : this.#receiving.one(first);
  }

  /**
   * The datagrams that are there, at least one and at most `max` (64), with one system call for all
   * of them.
   * @throws like `receive`
   */
  receiveMany(
    o?: Abortable & { readonly max?: number },
  ): Promise<From<Sender, ReceivedDatagram>[]> {
    return this.#receiving.many(o) as Promise<never[]>;
  }

  /**
   * The next datagram if there is one, without waiting; `null` where there is none (then
   * `readable(socket)` of iomux tells when there is). For a loop of one's own over `Poller`, `Epoll`
   * or `select`.
   * @throws like `receive`
   */
  tryReceive(): From<Sender, ReceivedDatagram> | null;
  tryReceive(into: Uint8Array): From<Sender, ReceivedInto> | null;
  tryReceive(into?: Uint8Array): ReceivedDatagram | ReceivedInto | null {
    return this.#receiving.try(into);
  }

  /**
   * The datagrams, until the socket is closed. They are received by the batch; those that are there
   * when the loop is left are what is received next.
   * @throws what `receive` throws but `ERR_CLOSED`; another loop goes on after it
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<From<Sender, ReceivedDatagram>, undefined> {
    return new Datagrams(this.#receiving, this) as AsyncIterableIterator<never, undefined>;
  }

  /**
   * Resolves when the kernel has taken the datagram, which says nothing of its way. While its buffer
   * or, on a connected Unix socket, the receiver's queue is full, sends wait in the order of the
   * calls. The bytes are copied if they have to wait: they may change at once.
   * @param to where to, on a socket that is not connected: numbers, no names
   * @throws `EMSGSIZE`, `EACCES` (see `broadcast`), `ENETUNREACH`, `ECONNREFUSED`, with `address`;
   * `ENOBUFS` where the queue of a Unix socket is full that this one is not connected to: the system
   * does not tell when there is room (macOS and FreeBSD: connected or not); `ERR_CLOSED`, the
   * signal's reason
   */
  send(data: Uint8Array | string, to?: Destination, o?: DatagramHeader & Abortable): Promise<void> {
    return this.#sending.send(data, to, o);
  }

  /**
   * Sends many datagrams in their order, by few system calls; consecutive ones of one size to one
   * address as a train that the kernel cuts up, where it can (UDP GSO on Linux). All are checked
   * before the first is sent, and copied: they may change at once.
   * @param to where those go that do not say it themselves; `o` likewise
   * @throws what `send` throws, with `sent`: how many went before the one that failed. Those behind
   * it have not been sent. `ERR_OUT_OF_RANGE` for 2 GiB and more in all
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
   * Sends the datagram if the kernel takes it now: whether it did. If not, `writable(socket)` of
   * iomux tells when it may.
   * @throws `ERR_BUSY` while a `send` is under way, which comes first; otherwise like `send`
   */
  trySend(data: Uint8Array | string, to?: Destination, o?: DatagramHeader): boolean {
    return this.#sending.trySend(data, to, o);
  }

  /**
   * Changes what is set.
   * @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_OUT_OF_RANGE`, `ERR_CLOSED`; `ENODEV`
   * for an unknown interface; `ENOTSUP` and others for a Unix socket
   */
  configure(o: DatagramSettings): this {
    const set = preparedSettings(o);
    set(this.openFd(), this.#opened.family);
    return this;
  }

  /**
   * Receives what is sent to a multicast group from now on: from anybody, or from `source` only.
   * @throws `EADDRINUSE` when it is joined already, `ENODEV`, `EINVAL` for what is no group
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
    join(this.openFd());
    return this;
  }

  /**
   * Ends what `join` with the same arguments began.
   * @throws `EADDRNOTAVAIL` when it is not joined
   */
  leave(group: string, o?: Membership): this {
    const leave = preparedMembership(false, group, options(o));
    leave(this.openFd());
    return this;
  }

  /** @internal */
  override onReadable(): void {
    this.#receiving.continue();
  }

  /** @internal */
  override onWritable(): void {
    this.#sending.continue();
  }

  /** @internal */
  protected override onClose(reason: Error): void {
    this.#receiving.fail(reason);
    this.#sending.fail(reason);
    this.#opened.release();
  }
}
