export { Agent, HttpsAgent, type DialOptions } from './node/agent';
export { connectTls, type ConnectTlsOptions } from './node/connect-tls';
export { Connection } from './node/connection';
export {
  connector,
  type ConnectorCallback,
  type ConnectorOptions,
  type ConnectorTarget,
} from './node/connector';
export type { NetOptions } from './node/net-options';
export type { ServeOptions } from './io/listen/listener';
export { serveHttp } from './node/serve-http';
export type { DuplexStream, StreamMethods } from './node/duplex-stream';
export { fromDuplex } from './node/from-duplex';
export type { DuplexOptions } from './node/duplex-options';
export type { SocketDuplex } from './node/socket-duplex';
export { toDuplex } from './node/to-duplex';
export { toWeb, type WebStreams } from './node/to-web';
