import { EAGAIN, invalidValue } from '../errors';

interface Pending {
  readonly bytes: Uint8Array;
  offset: number;
  readonly end: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Writes that the kernel would not take at once, in the order of the calls. */
export class WriteQueue {
  #pending: Pending[] = [];

  get empty(): boolean {
    return this.#pending.length === 0;
  }

  /** Resolves when the bytes from `offset` to `end` have been taken. */
  push(bytes: Uint8Array, offset: number, end: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ bytes, offset, end, resolve, reject });
    });
  }

  /**
   * Hands over as much as `send` takes: 0 when all is gone, EAGAIN when some is left, or the
   * negated errno that `send` answered.
   */
  flush(send: (bytes: Uint8Array, offset: number, end: number) => number): number {
    let done = 0;
    let result = 0;
    for (const item of this.#pending) {
      // An empty one only marks a place in the queue.
      result = item.end === 0 ? 0 : send(item.bytes, item.offset, item.end);
      if (result < 0) break;
      item.offset += result;
      if (result === 0 && item.offset < item.end) {
        // The user has given the bytes away meanwhile.
        item.reject(invalidValue('chunk', 'was detached', item.bytes));
        done++;
        continue;
      }
      if (item.offset < item.end) {
        result = EAGAIN;
        break;
      }
      done++;
    }
    for (const item of this.#pending.splice(0, done)) item.resolve();
    return result < 0 ? result : 0;
  }

  fail(reason: Error): void {
    for (const item of this.#pending.splice(0)) item.reject(reason);
  }

  /** Resolves when what is in the queue now is gone; rejects when that fails. */
  drained(): Promise<void> {
    const last = this.#pending.at(-1);
    return last === undefined ? Promise.resolve() : this.push(new Uint8Array(0), 0, 0);
  }
}
