export type { Abortable } from './validate';
export type { IncompleteError } from './errors';
export type { Address, InternetAddress, RawAddress, UnixAddress } from './io/address';
export { connect } from './io/connect';
export type { ConnectOptions, FdOptions, TcpOptions, UnixOptions } from './io/connect-options';
export type { Credentials } from './io/credentials';
export { type InheritedDescriptor, inheritedDescriptors } from './io/inherited-descriptors';
export { listen } from './io/listen';
export type {
  FdListenOptions,
  ListenOptions,
  TcpListenOptions,
  UnixListenOptions,
} from './io/listen-options';
export { type DrainOptions, Listener, type ServeOptions } from './io/listener';
export type { KeepAlive, OptionName, OptionValue, SocketOptions } from './io/options';
export type { PipeOptions } from './io/pipe-to';
export type { LimitOptions } from './io/reader';
export type { SendFileOptions } from './io/send-file';
export type { Separators } from './io/separators';
export type { Constant, SocketHandle } from './io/socket-handle';
export type { Destination } from './io/address-cache';
export { Datagram } from './io/datagram';
export type {
  UdpBindOptions,
  UdpConnectOptions,
  UnixBindOptions,
  UnixConnectOptions,
} from './io/datagram-open';
export type { DatagramSettings, Membership } from './io/datagram-settings';
export type { DatagramDetails, ReceivedDatagram, ReceivedInto } from './io/inbox';
export type { DatagramHeader, OutgoingDatagram } from './io/outbox';
export type { SendManyError } from './io/datagram-sending';
export { Stream } from './io/stream';
