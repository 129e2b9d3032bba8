import { busyError, check, closedError, EAGAIN, systemError } from '../../errors';
import { native } from '../../native';
import { READABLE, WRITABLE } from '../../poll/interest';
import { AF_UNIX, SOCK_STREAM } from '../../raw/socket-constants';
import { type Abortable, integer, liveSignal, MOST_INT, object, options } from '../../validate';
import { acceptNext } from '../accept';
import { localName, remoteName } from '../address';
import { Channel, onReadable, onWritable } from '../channel';
import { ChannelHandle, onClose, openFd } from '../channel-handle';
import { Connecting } from './connecting';
import { MOST_DESCRIPTORS } from './control-messages';
import { type Credentials, peerCredentials } from '../credentials';
import type { Message } from './message';
import { type Operation, Operations } from '../operations';
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
 * A socket of any family and type, close to the system calls, for what `Stream` and `Datagram` do not
 * cover. Each promise stands for one system call, made as soon as it does not block, and settles with
 * its result. No error closes the socket: an error of the network or a device is reported once, and the
 * next call works again.
 *
 * One `receive` or `accept` may be pending at a time, and any number of sends, which are sent in the
 * order of the calls. Only pending calls keep the process alive.
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
   * Calls socket(2); the socket is non-blocking and close-on-exec.
   * @throws `ERR_UNSUPPORTED_PLATFORM` for a constant that is `undefined` here; `EAFNOSUPPORT`,
   * `EPROTONOSUPPORT`, `EPERM` and others of the system
   */
  constructor(domain: Constant, type: Constant, protocol?: number);
  /** @internal */
  constructor(owned: OwnedSocket);
  constructor(domain: Constant | OwnedSocket, type?: Constant, protocol = 0) {
    const owned = domain instanceof OwnedSocket ? domain : OwnedSocket.open(domain, type, protocol);
    const channel = new Channel(owned.fd);
    super(channel);
    this.#type = owned.type;
    this.#channel = channel;
    this.#incoming = new Operations(channel, READABLE);
    this.#outgoing = new Operations(channel, WRITABLE);
  }

  /**
   * Takes over an open socket, which becomes non-blocking and close-on-exec, and is closed by `close`.
   * @throws `EBADF`, `ENOTSOCK`, `ERR_BUSY` for a descriptor of another handle, of any thread; the
   * descriptor is then left unchanged
   */
  static fromFd(fd: number): Socket {
    return new Socket(OwnedSocket.adopt(fd));
  }

  /** Calls socketpair(2): two sockets connected to each other, Unix streams by default. */
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

  /** The process that connected, or listened, at the other end of a Unix socket; otherwise `null`. */
  get peerCredentials(): Credentials | null {
    return this.closed ? null : peerCredentials(this.fd);
  }

  /** Calls bind(2). @throws `EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL` and others, with `address` */
  bind(address: SocketAddress): void {
    const bytes = encodeSocketAddress('address', address);
    const fd = openFd(this);
    const result = native.bind(fd, bytes);
    if (result < 0) throw systemError(result, 'bind', { fd, ...describe(address) });
  }

  /** Starts to take connections; up to `backlog` of them may wait to be accepted, 511 by default. */
  listen(backlog: number = BACKLOG): void {
    integer('backlog', backlog, 0, MOST_INT);
    const fd = openFd(this);
    check(native.listen(fd, backlog), 'listen', fd);
  }

  /** Returns the next connection. @throws `ERR_BUSY`, `ERR_CLOSED`, `EMFILE` and others of accept(2) */
  async accept(o?: Abortable): Promise<Socket> {
    const accepting = { attempt: () => this.#accept() };
    const fd = await this.#receive(accepting, this.#channel.mayRead, o);
    return new Socket(new OwnedSocket(fd, this.#type));
  }

  /**
   * Connects, or, for a message socket, sets the peer. Connecting continues after an abort: close the
   * socket then. A Unix listener with a full backlog is `EAGAIN`, since the system does not report when
   * there is room.
   * @throws `ECONNREFUSED`, `ENOENT` and others of connect(2), with `address`; `ERR_CLOSED`
   */
  async connect(address: SocketAddress, o?: Abortable): Promise<void> {
    const bytes = encodeSocketAddress('address', address);
    const signal = liveSignal(o);
    openFd(this);
    const connecting = new Connecting(this.#channel, bytes, describe(address));
    return this.#outgoing.run<undefined>(connecting, this.#channel.mayWrite, signal);
  }

  /**
   * Sends one message or, on a stream, all of the bytes, and resolves when the kernel has taken them.
   * They must not change until then. A string is sent as UTF-8.
   * @throws `EMSGSIZE`, `EPIPE`, `ENOBUFS` and others of sendmsg(2), which affect only this message;
   * `EAGAIN` when the queue of a netlink peer is full; `ERR_CLOSED`; the signal's reason, unless a part
   * has already been sent
   */
  async send(data: Uint8Array | string, o?: MessageFlags): Promise<void> {
    return this.#send(data, o, 'options.to');
  }

  /**
   * Sends one message to an address.
   * @throws like `send`; `EAGAIN` when the queue of a Unix socket that this one is not connected to is
   * full, since the system does not report when there is room
   */
  async sendTo(data: Uint8Array | string, address: SocketAddress, o?: MessageFlags): Promise<void> {
    // Without this check, an undefined address would send to the peer.
    object('address', address);
    return this.#send(data, { ...options(o), to: address }, 'address');
  }

  /**
   * Sends one message with descriptors or other control messages. The descriptors must stay open until
   * it is sent.
   * @throws like `sendTo`; `ERR_INVALID_ARG_VALUE` on a stream when there are no bytes to send with
   * them; `EBADF`, `ETOOMANYREFS` for descriptors
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
   * Receives one message, or what is available of a stream, into `into`, which must not be used until
   * the promise settles. Descriptors that arrive with it are closed.
   * @returns how many bytes; 0 at the end of a stream, or for an empty message. With the flag
   * `MSG_TRUNC` on Linux (recv(2)), the full length of a message that was longer
   * @throws `ERR_BUSY` while another one is pending, `ERR_CLOSED`; `ECONNRESET`, `ENETDOWN`,
   * `ENOBUFS` and others of recvmsg(2); the signal's reason
   */
  async receive(into: Uint8Array, o?: MessageFlags): Promise<number> {
    const receiving = new ReceivingBytes(this.#channel, into, flagsOf(o));
    return this.#receive(receiving, receiving.promising, o);
  }

  /** Like `receive`, with the sender, and whether the message was longer than the buffer. */
  async receiveFrom(into: Uint8Array, o?: MessageFlags): Promise<Message> {
    const receiving = new ReceivingMessage(this.#channel, into, flagsOf(o), -1);
    return this.#receive(receiving, receiving.promising, o);
  }

  /** Like `receiveFrom`, with what came along: descriptors, credentials, timestamps. */
  async receiveMessage(into: Uint8Array, o?: ReceiveMessageOptions): Promise<Message> {
    const { maxDescriptors = 0 } = options(o);
    const most = integer('options.maxDescriptors', maxDescriptors, 0, MOST_DESCRIPTORS);
    const receiving = new ReceivingMessage(this.#channel, into, flagsOf(o), most);
    return this.#receive(receiving, receiving.promising, o);
  }

  /** Calls shutdown(2) immediately, with `SHUT_RD`, `SHUT_WR` or `SHUT_RDWR`. @throws `ENOTCONN` */
  shutdown(how: number): void {
    integer('how', how, 0, 2);
    const fd = openFd(this);
    check(native.shutdown(fd, how), 'shutdown', fd);
  }

  /**
   * Closes this handle but returns the descriptor open, for `Stream.fromFd` or another process. It
   * stays non-blocking and close-on-exec. @throws `ERR_CLOSED`
   */
  detach(): number {
    openFd(this);
    this[onClose](closedError('socket'));
    return this.#channel.detach();
  }

  /** `addressName`: the user's name for the address. */
  #send(
    data: Uint8Array | string,
    o: SendMessageOptions | undefined,
    addressName: string,
  ): Promise<undefined> {
    const envelope = envelopeOf(data, o, this.#type === SOCK_STREAM, addressName);
    const sending = new SendingMessage(this.#channel, envelope);
    const signal = liveSignal(o);
    openFd(this);
    // Whether the socket is writable depends on the peer, not on another address.
    const promising = this.#channel.mayWrite || envelope.address.length > 0;
    return this.#outgoing.run<undefined>(sending, promising, signal);
  }

  /** Returns the descriptor of the next connection; `null` means to wait. */
  #accept(): number | null {
    const { fd } = this;
    const result = acceptNext(fd);
    if (result >= 0) return result;
    if (result !== EAGAIN) throw systemError(result, 'accept', { fd });
    this.#channel.readWouldBlock();
    return null;
  }

  async #receive<T>(operation: Operation<T>, promising: boolean, o?: Abortable): Promise<T> {
    const signal = liveSignal(o);
    openFd(this);
    if (!this.#incoming.idle) throw busyError('Another receive or accept is under way');
    return this.#incoming.run(operation, promising && !this.#connecting, signal);
  }

  /** Until then nothing can be received, and a receive would consume the error of the connect. */
  get #connecting(): boolean {
    return this.#outgoing.first instanceof Connecting;
  }

  /** @internal */
  override [onReadable](): void {
    if (!this.#connecting) this.#incoming.proceed();
  }

  /** @internal */
  override [onWritable](): void {
    const connecting = this.#connecting;
    this.#outgoing.proceed();
    if (connecting) this[onReadable]();
  }

  /** @internal */
  override [onClose](reason: Error): void {
    this.#incoming.fail(reason);
    this.#outgoing.fail(reason);
  }
}
