export type { KeepAlive, OptionName, OptionValue, SocketOptions } from './io/options';
export type { Constant } from './io/socket-handle';
export * from './raw/socket-constants';
export type { Abortable, Source } from './validate';
