import { EAGAIN, invalidValue } from '../../errors';
import { native } from '../../native';
import { deferred, last } from '../../reactor/deferred';
import { lengthOf } from '../../validate';

/** Something that brings its own bytes when it is its turn in the queue: a file, another stream. */
export interface Transfer {
  /** Whether there may be no end to it, so that closing the stream must not wait for it. */
  readonly endless: boolean;
  /** Goes as far as it can now. Whether it is over, however it ended: who waits for it knows. */
  advance(): boolean;
  /** It is over, whether or not it has had its turn. */
  fail(reason: unknown): void;
}

/** One promise, for one chunk or for many. */
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
    /** Whether the write is done with this one. */
    readonly last: boolean,
  ) {}

  /** The user has given the bytes away, or some of them. */
  get lost(): boolean {
    return lengthOf(this.bytes) < this.end;
  }
}

/** What hands bytes to the kernel, `length` of them, and answers how many it took or why not. */
export type Send = (pieces: Uint8Array[], length: number) => number;

/** More in one call would not fit into the numbers of some systems. */
export const MOST_BYTES = 2 ** 30;

/**
 * What the kernel would not take at once, in the order of the calls. Whatever stands together leaves
 * together: small writes that have been waiting are one system call when the kernel takes bytes again.
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

  /** Resolves when all bytes of all chunks have been taken, the first `skipped` of which are gone. */
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

  /** Takes out what was added, unless it is over. */
  remove(transfer: Transfer): void {
    const index = this.#items.indexOf(transfer);
    if (index !== -1) this.#items.splice(index, 1);
  }

  /**
   * Hands over as much as is taken: 0 when all is gone, EAGAIN when something waits, or the negated
   * errno that `send` answered.
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

  /** Fails what may have no end. */
  failEndless(reason: unknown): void {
    for (const item of [...this.#items]) {
      if (item instanceof Piece || !item.endless) continue;
      this.remove(item);
      item.fail(reason);
    }
  }

  /** Resolves when what is in the queue now is over; rejects when that fails. */
  drained(): Promise<void> {
    return this.empty ? Promise.resolve() : this.push(new Uint8Array(0), 0, 0);
  }

  /** One call for all pieces in front: 0 when they are gone, else a negated errno. */
  #sendFront(send: Send): number {
    const pieces: Uint8Array[] = [];
    let length = 0;
    while (pieces.length < native.MOST_PIECES) {
      const item = this.#items.at(pieces.length);
      if (!(item instanceof Piece)) break;
      if (item.lost) {
        this.#drop(pieces.length, item);
        continue;
      }
      const { bytes, offset, end } = item;
      if (pieces.length > 0 && length + end - offset > MOST_BYTES) break;
      pieces.push(offset === 0 && end === bytes.length ? bytes : bytes.subarray(offset, end));
      length += end - offset;
    }
    // Empty ones only mark a place in the queue.
    const result = length === 0 ? 0 : send(pieces, length);
    if (result < 0) return result;
    this.#taken(pieces.length, result);
    return result < length ? EAGAIN : 0;
  }

  /** With the chunks behind a lost one: the other side would miss what was between. */
  #drop(index: number, { bytes, write }: Piece): void {
    write.reject(invalidValue('chunk', 'was detached', bytes));
    let end = index;
    for (let over = false; !over; end++) over = (this.#items[end] as Piece).last;
    this.#items.splice(index, end - index);
  }

  /** The first `count` bytes of so many pieces are gone. */
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

/** Of the promise that was made last. */
function lastWrite(): Write {
  return { resolve: last.resolve as () => void, reject: last.reject };
}
