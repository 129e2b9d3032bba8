/** How a Duplex ends. */
export interface DuplexOptions {
  /**
   * Whether the Duplex stays writable when the other side has ended; otherwise it ends as well. False
   * by default, as it is for `net.Socket`. HTTP servers want true.
   */
  readonly allowHalfOpen?: boolean;
}

/** @internal What a server of Node's decides for its connections beside that. */
export interface SocketSettings extends DuplexOptions {
  /** How much either side buffers, in bytes. */
  readonly highWaterMark?: number | undefined;
  /** Whether nothing is received before somebody reads or resumes. */
  readonly pauseOnCreate?: boolean | undefined;
  readonly readable?: boolean;
}
