import { check, EAGAIN, ESPIPE } from '../../errors';
import { native } from '../../native';
import { reactor } from '../../reactor/default';
import { descriptorOf, type Source } from '../../validate';
import type { Writing } from './writing';

/** How much is read at once. */
const SIZE = 65536;

/**
 * Reads and sends what sendfile(2) refuses: a pipe, a device, a file of some filesystems. A source
 * that can be waited for is waited for before every read, so that one that is blocking does not
 * block the thread.
 */
export class FileCopy {
  readonly #source: Source;
  readonly #destination: Writing;
  readonly #onReady: (problem?: unknown) => void;
  readonly #waiting = new AbortController();
  readonly #placed: boolean;
  readonly #bytes = Buffer.allocUnsafe(SIZE);
  #start = 0;
  #end = 0;
  /** `null` where there is none: what comes is what is read. */
  #position: number | null;
  #ready: boolean;
  /** Not what is always ready, nor what has a place to read from. */
  #waits: boolean;
  #asked = false;

  /** `offset` is undefined for the beginning, or for whatever comes: then it is waited for. */
  constructor(
    source: Source,
    offset: number | undefined,
    destination: Writing,
    onReady: (problem?: unknown) => void,
  ) {
    this.#source = source;
    this.#destination = destination;
    this.#onReady = onReady;
    this.#placed = offset !== undefined;
    this.#ready = this.#placed;
    this.#waits = !this.#placed;
    this.#position = offset ?? 0;
  }

  /**
   * At most so many bytes: how many were sent, 0 at the end of the source, EAGAIN while either is not
   * ready, or the negated errno of the destination.
   * @throws what reading throws
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
    // Of a source without a place to read from, no place was asked for.
    if (count === ESPIPE && !this.#placed) {
      this.#position = null;
      count = native.read(fd, into);
    }
    return count === EAGAIN ? EAGAIN : check(count, 'read', fd);
  }

  #wait(): void {
    if (this.#asked) return;
    this.#asked = true;
    const { signal } = this.#waiting;
    reactor.readable(this.#source, { signal }).then(
      () => {
        this.#asked = false;
        this.#ready = true;
        this.#onReady();
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.#asked = false;
        this.#ready = (error as { code?: string }).code === 'EPERM';
        this.#waits = false;
        this.#onReady(this.#ready ? undefined : error);
      },
    );
  }
}
