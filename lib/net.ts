export type { Abortable } from './validate';
export type { Address, InternetAddress, RawAddress, UnixAddress } from './io/address';
export { connect, type TcpOptions } from './io/connect';
export { listen, type ListenOptions } from './io/listen';
export { Listener } from './io/listener';
export type { IncompleteError } from './errors';
export type { LimitOptions } from './io/reader';
export type { Separators } from './io/separators';
export { Stream } from './io/stream';
