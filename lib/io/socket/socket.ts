import { busyError, check, closedError, systemError } from '../../errors';
import { native } from '../../native';
import { AF_UNIX, SOCK_STREAM } from '../../raw/socket-constants';
import { type Abortable, integer, liveSignal, MOST_INT, object, options } from '../../validate';
import { Accepting } from './accepting';
import { localName, remoteName } from '../address';
import { Channel } from '../channel';
import { ChannelHandle } from '../channel-handle';
import { Connecting } from './connecting';
import { MOST_DESCRIPTORS } from './control-messages';
import { type Credentials, peerCredentials } from '../credentials';
import type { Message } from './message';
import { type Operation, Operations } from './operations';
import { OwnedSocket } from './owned-socket';
import { ReceivingBytes, ReceivingMessage, type ReceiveMessageOptions } from './receive-message';
import { envelopeOf, SendingMessage, type SendMessageOptions } from './send-message';
import { flagsOf, type MessageFlags } from './message-flags';
import {
  decodeSocketAddress,
  describe,
  encodeSocketAddress,
  type SocketAddress,
} from './socket-address';
import type { Constant } from '../socket-handle';

const BACKLOG = 511;

/**
 * A socket of any family and type, close to the system's calls: what `Stream` and `Datagram` do not
 * do. Each promise is one call that is made as soon as it does not block; what the call answers is
 * what the promise comes to. No error closes the socket: one that the network or a device had is
 * told once, and the next call goes on.
 *
 * One `receive` or `accept` may be under way, and any number of sends, which go out in the order of
 * the calls. Only those keep the process alive.
 *
 * @example
 * ```js
 * import { AF_UNIX, SOCK_DGRAM, Socket } from 'iomux/socket';
 * const socket = new Socket(AF_UNIX, SOCK_DGRAM);
 * await socket.sendTo('READY=1', { path: process.env.NOTIFY_SOCKET.replace(/^@/, '\0') });
 * socket.close();
 * ```
 */
export class Socket extends ChannelHandle {
  readonly #channel: Channel;
  readonly #incoming: Operations;
  readonly #outgoing: Operations;
  readonly #type: number;

  /**
   * socket(2): non-blocking and close-on-exec.
   * @throws `ERR_UNSUPPORTED_PLATFORM` for a constant that is `undefined` here; `EAFNOSUPPORT`,
   * `EPROTONOSUPPORT`, `EPERM` and others of the system
   */
  constructor(domain: Constant, type: Constant, protocol?: number);
  /** @internal Takes over a non-blocking socket of ours. */
  constructor(owned: OwnedSocket);
  constructor(domain: Constant | OwnedSocket, type?: Constant, protocol = 0) {
    const owned = domain instanceof OwnedSocket ? domain : OwnedSocket.open(domain, type, protocol);
    const channel = new Channel(owned.fd);
    super(channel);
    this.#type = owned.type;
    this.#channel = channel;
    this.#incoming = new Operations(this.#channel);
    this.#outgoing = new Operations(this.#channel);
  }

  /**
   * Takes over an open socket, which becomes non-blocking and close-on-exec, and is closed with this.
   * @throws `EBADF`, `ENOTSOCK`, `ERR_BUSY` for a descriptor of another handle of this
   * thread; which are then left as they were
   */
  static fromFd(fd: number): Socket {
    return new Socket(OwnedSocket.adopt(fd));
  }

  /** socketpair(2): two that are connected to each other, Unix streams by default. */
  static pair(
    domain: Constant = AF_UNIX,
    type: Constant = SOCK_STREAM,
    protocol = 0,
  ): [Socket, Socket] {
    const [first, second] = OwnedSocket.pair(domain, type, protocol);
    return [new Socket(first), new Socket(second)];
  }

  /** `null` once closed, or where there is none. */
  get localAddress(): SocketAddress | null {
    return this.closed ? null : decodeSocketAddress(localName(this.fd));
  }

  /** `null` once closed, and where there is none. */
  get remoteAddress(): SocketAddress | null {
    return this.closed ? null : decodeSocketAddress(remoteName(this.fd));
  }

  /** Who connected, or listened, at the other end of a Unix socket; `null` for any other. */
  get peerCredentials(): Credentials | null {
    return this.closed ? null : peerCredentials(this.fd);
  }

  /** @throws `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` and others of bind(2), with `address` */
  bind(address: SocketAddress): void {
    const bytes = encodeSocketAddress('address', address);
    const fd = this.openFd();
    const result = native.bind(fd, bytes);
    if (result < 0) throw systemError(result, 'bind', { fd, ...describe(address) });
  }

  /** From now on connections are taken; so many may wait to be accepted, 511 by default. */
  listen(backlog: number = BACKLOG): void {
    integer('backlog', backlog, 0, MOST_INT);
    const fd = this.openFd();
    check(native.listen(fd, backlog), 'listen', fd);
  }

  /** The next connection. @throws `ERR_BUSY`, `ERR_CLOSED`, `EMFILE` and others of accept(2) */
  async accept(o?: Abortable): Promise<Socket> {
    const accepting = new Accepting(this.#channel);
    const fd = await this.#receive(accepting, this.#channel.mayRead, o);
    return new Socket(new OwnedSocket(fd, this.#type));
  }

  /**
   * Connects, or, for sockets of messages, says where they go. Aborted, it goes on by itself: close
   * the socket then. A Unix listener with no room for another is `EAGAIN`, since the system does not
   * tell when it has.
   * @throws `ECONNREFUSED`, `ENOENT` and others of connect(2), with `address`; `ERR_CLOSED`
   */
  async connect(address: SocketAddress, o?: Abortable): Promise<void> {
    const bytes = encodeSocketAddress('address', address);
    const signal = liveSignal(o);
    this.openFd();
    const connecting = new Connecting(this.#channel, bytes, describe(address));
    return this.#outgoing.run<undefined>(connecting, this.#channel.mayWrite, signal);
  }

  /**
   * Sends one message, or, on a stream, all of the bytes: resolves when the kernel has them, which
   * must not change until then. A string is sent as UTF-8.
   * @throws `EMSGSIZE`, `EPIPE`, `ENOBUFS` and others of sendmsg(2), which concern this message
   * alone; `EAGAIN` when the queue of a netlink peer is full; `ERR_CLOSED`; the signal's reason,
   * unless a part has been sent already
   */
  async send(data: Uint8Array | string, o?: MessageFlags): Promise<void> {
    return this.#send(data, o, 'options.to');
  }

  /**
   * Sends one message to an address.
   * @throws like `send`; `EAGAIN` when the queue of a Unix socket is full that this one is not
   * connected to: the system does not tell when it is not any more
   */
  async sendTo(data: Uint8Array | string, address: SocketAddress, o?: MessageFlags): Promise<void> {
    // Left out, it would go to the peer.
    object('address', address);
    return this.#send(data, { ...options(o), to: address }, 'address');
  }

  /**
   * Sends one message with descriptors, or whatever else goes along. The descriptors must stay open
   * until it is sent.
   * @throws like `sendTo`; `ERR_INVALID_ARG_VALUE` on a stream when there are no bytes to go with;
   * `EBADF`, `ETOOMANYREFS` for descriptors
   *
   * @example
   * ```js
   * import fs from 'node:fs';
   * import { Socket } from 'iomux/socket';
   * const [ours, theirs] = Socket.pair();
   * await ours.sendMessage('log', { descriptors: [fs.openSync('/var/log/mine.log', 'a')] });
   * const buffer = Buffer.alloc(64);
   * const { length, descriptors } = await theirs.receiveMessage(buffer, { maxDescriptors: 1 });
   * ```
   */
  async sendMessage(data: Uint8Array | string, o?: SendMessageOptions): Promise<void> {
    return this.#send(data, o, 'options.to');
  }

  /**
   * Receives one message, or what is there of a stream, into `into`, which must be left alone until
   * then. Descriptors that come along are closed.
   * @returns how many bytes; 0 at the end of a stream, or for an empty message; how many there were, if
   * more, with the flag `MSG_TRUNC` on Linux (recv(2))
   * @throws `ERR_BUSY` while another one is under way, `ERR_CLOSED`; `ECONNRESET`, `ENETDOWN`,
   * `ENOBUFS` and others of recvmsg(2); the signal's reason
   */
  async receive(into: Uint8Array, o?: MessageFlags): Promise<number> {
    const receiving = new ReceivingBytes(this.#channel, into, flagsOf(o));
    return this.#receive(receiving, receiving.promising, o);
  }

  /** The same with who sent it, and whether it was longer than the buffer. */
  async receiveFrom(into: Uint8Array, o?: MessageFlags): Promise<Message> {
    const receiving = new ReceivingMessage(this.#channel, into, flagsOf(o), -1);
    return this.#receive(receiving, receiving.promising, o);
  }

  /** The same with what came along: descriptors, credentials, timestamps. */
  async receiveMessage(into: Uint8Array, o?: ReceiveMessageOptions): Promise<Message> {
    const { maxDescriptors = 0 } = options(o);
    const most = integer('options.maxDescriptors', maxDescriptors, 0, MOST_DESCRIPTORS);
    const receiving = new ReceivingMessage(this.#channel, into, flagsOf(o), most);
    return this.#receive(receiving, receiving.promising, o);
  }

  /** shutdown(2), at once: `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`. @throws `ENOTCONN` */
  shutdown(how: number): void {
    integer('how', how, 0, 2);
    const fd = this.openFd();
    check(native.shutdown(fd, how), 'shutdown', fd);
  }

  /**
   * Closes this and leaves the descriptor open, for whoever takes it: `Stream.fromFd`, or another
   * process. It stays non-blocking and close-on-exec. @throws `ERR_CLOSED`
   */
  detach(): number {
    this.openFd();
    this.onClose(closedError('socket'));
    return this.#channel.detach();
  }

  /** `whose`: what the user calls the address. */
  #send(
    data: Uint8Array | string,
    o: SendMessageOptions | undefined,
    whose: string,
  ): Promise<undefined> {
    const envelope = envelopeOf(data, o, this.#type === SOCK_STREAM, whose);
    const sending = new SendingMessage(this.#channel, envelope);
    const signal = liveSignal(o);
    this.openFd();
    // Whether there is room was said of the peer, and not of an address.
    const promising = this.#channel.mayWrite || envelope.address.length > 0;
    return this.#outgoing.run<undefined>(sending, promising, signal);
  }

  async #receive<T>(operation: Operation<T>, promising: boolean, o?: Abortable): Promise<T> {
    const signal = liveSignal(o);
    this.openFd();
    if (!this.#incoming.idle) throw busyError('Another receive or accept is under way');
    return this.#incoming.run(operation, promising && !this.#connecting, signal);
  }

  /** Nothing can be received yet, and a receive would be told why the connect has failed instead of it. */
  get #connecting(): boolean {
    return this.#outgoing.first instanceof Connecting;
  }

  /** @internal */
  override onReadable(): void {
    if (!this.#connecting) this.#incoming.proceed();
  }

  /** @internal */
  override onWritable(): void {
    const connecting = this.#connecting;
    this.#outgoing.proceed();
    if (connecting) this.onReadable();
  }

  /** @internal */
  protected override onClose(reason: Error): void {
    this.#incoming.fail(reason);
    this.#outgoing.fail(reason);
  }
}
