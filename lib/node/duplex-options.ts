import { boolean, options, refuseForeign } from '../validate';

/** How a Duplex ends. */
export interface DuplexOptions {
  /**
   * Whether the Duplex stays writable when the other side has ended; otherwise it ends as well. False
   * by default, as it is for `net.Socket`. HTTP servers want true.
   */
  readonly allowHalfOpen?: boolean | undefined;
}

/** @internal What a Node server also decides for its connections. */
export interface SocketSettings extends DuplexOptions {
  /** How much either side buffers, in bytes. */
  readonly highWaterMark?: number | undefined;
  /** Whether nothing is received before the user reads or resumes. */
  readonly pauseOnCreate?: boolean | undefined;
  readonly readable?: boolean | undefined;
}

/** Options of `net.Socket`, and of every Duplex. */
const FOREIGN = {
  blockList: 'is no option here: ask it for the remoteAddress',
  fd: 'is no option here: there is Stream.fromFd',
  highWaterMark: 'is no option here',
  keepAlive: 'is no option here: there is setKeepAlive',
  noDelay: 'is no option here: there is setNoDelay',
  objectMode: 'is no option here: it carries bytes',
  onread: 'is no option here: there is Stream.read',
  signal: 'is no option here: there is addAbortSignal of node:stream',
  timeout: 'is no option here: there is setTimeout',
};

/** @throws `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` */
export function isHalfOpen(o: DuplexOptions | undefined): boolean {
  const { allowHalfOpen = false } = options(o);
  if (o !== undefined) refuseForeign(o, FOREIGN);
  return boolean('options.allowHalfOpen', allowHalfOpen);
}
