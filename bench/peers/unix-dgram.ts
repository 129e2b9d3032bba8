import type { EventEmitter } from 'node:events';

/** A socket of npm's `unix-dgram`, which has no types. */
interface Socket extends EventEmitter {
  bind(path: string): void;
  connect(path: string): void;
  /** Calls back at once, with an error of code 1 where the receiver's queue was full. */
  send(bytes: Buffer, callback: (error?: { code: number | string }) => void): void;
}

interface UnixDgram {
  createSocket(type: 'unix_dgram', listener?: (message: Buffer) => void): Socket;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- installed by `--peers all` only
export const unixDgram = require('unix-dgram') as UnixDgram;
