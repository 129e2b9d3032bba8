export type { Abortable } from './validate';
export type { IncompleteError } from './errors';
export type { Address, InternetAddress, RawAddress, UnixAddress } from './io/address';
export { connect } from './io/connect/connect';
export type {
  ConnectOptions,
  FdOptions,
  TcpOptions,
  UnixOptions,
} from './io/connect/connect-options';
export type { Credentials } from './io/credentials';
export { type InheritedDescriptor, inheritedDescriptors } from './io/listen/inherited-descriptors';
export { listen } from './io/listen/listen';
export type {
  FdListenOptions,
  ListenOptions,
  TcpListenOptions,
  UnixListenOptions,
} from './io/listen/listen-options';
export { type DrainOptions, Listener, type ServeOptions } from './io/listen/listener';
export type {
  KeepAlive,
  OptionName,
  OptionValue,
  SocketOptions,
  SocketOptionsInit,
} from './io/socket-options';
export type { PipeOptions } from './io/stream/pipe-to';
export type { LimitOptions } from './io/stream/reader';
export type { SendFileOptions } from './io/stream/send-file';
export type { Separators } from './io/stream/separators';
export type { Constant, SocketHandle } from './io/socket-handle';
export type { Destination } from './io/datagram/address-cache';
export { Datagram } from './io/datagram/datagram';
export type {
  UdpBindOptions,
  UdpConnectOptions,
  UnixBindOptions,
  UnixConnectOptions,
} from './io/datagram/datagram-open';
export type { DatagramSettings, Membership } from './io/datagram/datagram-settings';
export type { DatagramDetails, ReceivedDatagram, ReceivedInto } from './io/datagram/inbox';
export type { DatagramHeader, OutgoingDatagram } from './io/datagram/outbox';
export type { SendManyError } from './io/datagram/datagram-sending';
export { Stream } from './io/stream/stream';
