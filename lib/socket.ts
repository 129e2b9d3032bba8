export type { Address, InternetAddress, RawAddress, UnixAddress } from './io/address';
export type { ControlMessage, ReceivedControlMessage } from './io/socket/control-messages';
export type { Credentials } from './io/credentials';
export { Message } from './io/socket/message';
export type { KeepAlive, OptionName, OptionValue, SocketOptions } from './io/socket-options';
export type { MessageFlags } from './io/socket/message-flags';
export type { ReceiveMessageOptions } from './io/socket/receive-message';
export type { SendMessageOptions } from './io/socket/send-message';
export { Socket } from './io/socket/socket';
export type {
  CanAddress,
  NetlinkAddress,
  PacketAddress,
  SocketAddress,
  VsockAddress,
} from './io/socket/socket-address';
export { type Constant, SocketHandle } from './io/socket-handle';
export * from './raw/socket-constants';
export type { Abortable, Source } from './validate';
