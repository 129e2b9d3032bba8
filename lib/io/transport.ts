import { native } from '../native';

/** The system calls that move the bytes of a stream, and what can be told from their results. */
export interface Transport {
  readonly receive: (fd: number, into: Uint8Array) => number;
  /** The bytes from `offset` to `end`. */
  readonly send: (fd: number, bytes: Uint8Array, offset: number, end: number) => number;
  readonly receiveCall: string;
  readonly sendCall: string;
  /** Whether a read that has not filled the buffer took all that was there. */
  readonly shortIsAll: boolean;
}

export const tcp: Transport = {
  receive: native.receive,
  send: native.send,
  receiveCall: 'recv',
  sendCall: 'send',
  shortIsAll: true,
};
