import { check, EAGAIN, ESPIPE } from '../../errors';
import { native } from '../../native';
import { reactor } from '../../reactor/default';
import { descriptorOf, type Source } from '../../validate';
import type { Writing } from './writing';

/** How much is read at once. */
const SIZE = 65536;

/**
 * Copies what sendfile(2) does not support: pipes, devices, files of some filesystems. If the source can be
 * waited for, every read waits first, so that a blocking descriptor does not block the thread.
 */
export class FileCopy {
  readonly #source: Source;
  readonly #destination: Writing;
  readonly #onReady: (problem?: unknown) => void;
  readonly #waiting = new AbortController();
  /** Whether the user gave an offset. */
  readonly #hasOffset: boolean;
  readonly #bytes = Buffer.allocUnsafe(SIZE);
  #start = 0;
  #end = 0;
  /** `null` for a source that has no positions, such as a pipe. */
  #position: number | null;
  #ready: boolean;
  /** Whether to wait before each read: not with an offset, nor for files that are always ready. */
  #waits: boolean;
  #waitPending = false;

  /** Without `offset`, sends from the beginning, or whatever comes from a source without positions. */
  constructor(
    source: Source,
    offset: number | undefined,
    destination: Writing,
    onReady: (problem?: unknown) => void,
  ) {
    this.#source = source;
    this.#destination = destination;
    this.#onReady = onReady;
    this.#hasOffset = offset !== undefined;
    this.#ready = this.#hasOffset;
    this.#waits = !this.#hasOffset;
    this.#position = offset ?? 0;
  }

  /**
   * Sends at most `most` bytes. Returns how many were sent, 0 at the end of the source, EAGAIN while either
   * side is not ready, or the negated errno of the destination.
   * @throws the error of the source
   */
  send(most: number): number {
    if (this.#start === this.#end) {
      const count = this.#ready ? this.#read(Math.min(most, SIZE)) : EAGAIN;
      if (count === EAGAIN) this.#wait();
      if (count <= 0) return count;
      this.#start = 0;
      this.#end = count;
    }
    const sent = this.#destination.send(this.#bytes, this.#start, this.#end);
    if (sent > 0) this.#start += sent;
    return sent;
  }

  close(): void {
    this.#waiting.abort();
  }

  #read(length: number): number {
    if (this.#waits) this.#ready = false;
    const fd = descriptorOf(this.#source);
    const into = this.#bytes.subarray(0, length);
    let count = ESPIPE;
    if (this.#position !== null) {
      count = native.readAt(fd, into, this.#position);
      if (count > 0) this.#position += count;
    }
    // Without positions: read what comes, unless the user gave an offset.
    if (count === ESPIPE && !this.#hasOffset) {
      this.#position = null;
      count = native.read(fd, into);
    }
    return count === EAGAIN ? EAGAIN : check(count, 'read', fd);
  }

  #wait(): void {
    if (this.#waitPending) return;
    this.#waitPending = true;
    const { signal } = this.#waiting;
    reactor.readable(this.#source, { signal }).then(
      () => {
        this.#waitPending = false;
        this.#ready = true;
        this.#onReady();
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.#waitPending = false;
        this.#ready = (error as { code?: string }).code === 'EPERM';
        this.#waits = false;
        this.#onReady(this.#ready ? undefined : error);
      },
    );
  }
}
