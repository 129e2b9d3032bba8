export type { Abortable } from './validate';
export type { InternetAddress } from './io/address';
export { Listener } from './io/listener';
export { Stream } from './io/stream';
export { connect, listen, type ListenOptions, type TcpOptions } from './io/tcp';
