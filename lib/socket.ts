export type { Address, InternetAddress, RawAddress, UnixAddress } from './io/address';
export type { ControlMessage, ReceivedControlMessage } from './io/control-messages';
export type { Credentials } from './io/credentials';
export { Message } from './io/message';
export type { KeepAlive, OptionName, OptionValue, SocketOptions } from './io/options';
export type { MessageFlags } from './io/message-flags';
export type { ReceiveMessageOptions } from './io/receive-message';
export type { SendMessageOptions } from './io/send-message';
export { Socket } from './io/socket';
export type {
  CanAddress,
  NetlinkAddress,
  PacketAddress,
  SocketAddress,
  VsockAddress,
} from './io/socket-address';
export { type Constant, SocketHandle } from './io/socket-handle';
export * from './raw/socket-constants';
export type { Abortable, Source } from './validate';
