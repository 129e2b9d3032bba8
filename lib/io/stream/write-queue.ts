import { EAGAIN, invalidValue } from '../../errors';
import { native } from '../../native';
import { deferred, last } from '../../reactor/deferred';
import { lengthOf } from '../../validate';
import type { Transfer } from './transfer';

/** Settles the promise of one `write` or `writev`. */
interface Write {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

class Piece {
  constructor(
    readonly bytes: Uint8Array,
    public offset: number,
    readonly end: number,
    readonly write: Write,
    /** Whether it is the last piece of the write. */
    readonly last: boolean,
  ) {}

  /** Whether the user has detached or shrunk the buffer. */
  get detached(): boolean {
    return lengthOf(this.bytes) < this.end;
  }
}

/** Passes `length` bytes to the kernel. Returns how many it has taken, or a negated errno. */
export type Send = (pieces: Uint8Array[], length: number) => number;

/** The most bytes for one call: some systems limit it to what fits into an int. */
export const MOST_BYTES = 2 ** 30;

/**
 * The writes that the kernel has not taken immediately, in the order of the calls. Consecutive writes are
 * sent with one system call when the kernel takes bytes again.
 */
export class WriteQueue {
  #items: (Piece | Transfer)[] = [];

  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** Resolves when the bytes from `offset` to `end` have been taken. */
  push(bytes: Uint8Array, offset: number, end: number): Promise<void> {
    const promise = deferred<undefined>();
    this.#items.push(new Piece(bytes, offset, end, lastWrite(), true));
    return promise;
  }

  /** Resolves when the kernel has taken all chunks; the first `skipped` bytes have been sent already. */
  pushMany(chunks: readonly Uint8Array[], skipped: number): Promise<void> {
    const promise = deferred<undefined>();
    const write = lastWrite();
    let skip = skipped;
    chunks.forEach((bytes, index) => {
      const offset = Math.min(skip, bytes.length);
      skip -= offset;
      const isLast = index === chunks.length - 1;
      this.#items.push(new Piece(bytes, offset, bytes.length, write, isLast));
    });
    return promise;
  }

  add(transfer: Transfer): void {
    this.#items.push(transfer);
  }

  /** Removes a transfer, if it is still there. */
  remove(transfer: Transfer): void {
    const index = this.#items.indexOf(transfer);
    if (index !== -1) this.#items.splice(index, 1);
  }

  /**
   * Sends as much as the kernel takes. Returns 0 when the queue is empty, EAGAIN when something has to
   * wait, or the negated errno that `send` returned.
   */
  flush(send: Send): number {
    for (let head = this.#items.at(0); head !== undefined; head = this.#items.at(0)) {
      if (head instanceof Piece) {
        const result = this.#sendFront(send);
        if (result < 0) return result;
      } else {
        if (!head.advance()) return EAGAIN;
        this.remove(head);
      }
    }
    return 0;
  }

  fail(reason: unknown): void {
    for (const item of this.#items.splice(0)) {
      if (!(item instanceof Piece)) item.fail(reason);
      else if (item.last) item.write.reject(reason);
    }
  }

  /** Fails the transfers that may never end. */
  failEndless(reason: unknown): void {
    for (const item of [...this.#items]) {
      if (item instanceof Piece || !item.endless) continue;
      this.remove(item);
      item.fail(reason);
    }
  }

  /** Resolves when everything in the queue has been sent; rejects if that fails. */
  drained(): Promise<void> {
    return this.empty ? Promise.resolve() : this.push(new Uint8Array(0), 0, 0);
  }

  /** Sends the pieces at the front with one call. Returns 0 when they are sent, else a negated errno. */
  #sendFront(send: Send): number {
    const pieces: Uint8Array[] = [];
    let length = 0;
    while (pieces.length < native.MOST_PIECES) {
      const item = this.#items.at(pieces.length);
      if (!(item instanceof Piece)) break;
      if (item.detached) {
        this.#drop(pieces.length, item);
        continue;
      }
      const { bytes, offset, end } = item;
      if (pieces.length > 0 && length + end - offset > MOST_BYTES) break;
      pieces.push(offset === 0 && end === bytes.length ? bytes : bytes.subarray(offset, end));
      length += end - offset;
    }
    // Empty pieces only mark a place in the queue.
    const result = length === 0 ? 0 : send(pieces, length);
    if (result < 0) return result;
    this.#taken(pieces.length, result);
    return result < length ? EAGAIN : 0;
  }

  /** Drops a detached piece and the rest of its write, which must not be sent with a gap. */
  #drop(index: number, { bytes, write }: Piece): void {
    write.reject(invalidValue('chunk', 'was detached', bytes));
    let end = index;
    for (let over = false; !over; end++) over = (this.#items[end] as Piece).last;
    this.#items.splice(index, end - index);
  }

  /** Removes the first `count` bytes of the first `pieces`. */
  #taken(pieces: number, count: number): void {
    let left = count;
    let done = 0;
    for (const item of this.#items.slice(0, pieces) as Piece[]) {
      const length = item.end - item.offset;
      if (length > left) {
        item.offset += left;
        break;
      }
      left -= length;
      done++;
    }
    for (const item of this.#items.splice(0, done) as Piece[]) if (item.last) item.write.resolve();
  }
}

/** For the promise that `deferred` has just created. */
function lastWrite(): Write {
  return { resolve: last.resolve as () => void, reject: last.reject };
}
