import { addAbortListener } from 'node:events';
import { EAGAIN } from '../../errors';
import type { Packed } from './outbox';

/** Datagrams that wait. */
interface Waiting {
  readonly packed: Packed;
  readonly signal: AbortSignal | undefined;
  failure(errno: number, packed: Packed): Error;
  /** An abort has taken out the last that waited. */
  onEmpty(): void;
}

interface Pending extends Waiting {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  onAbort: (() => void) | undefined;
}

/** What the kernel would not take at once, in the order of the calls. */
export class SendQueue {
  #pending: Pending[] = [];

  get empty(): boolean {
    return this.#pending.length === 0;
  }

  /** Resolves when all of it has been taken. */
  push(waiting: Waiting): Promise<void> {
    return new Promise((resolve, reject) => {
      const item: Pending = { ...waiting, resolve, reject, onAbort: undefined };
      this.#pending.push(item);
      const { signal } = waiting;
      if (signal === undefined) return;
      item.onAbort = () => {
        this.#pending = this.#pending.filter((other) => other !== item);
        settle(item);
        reject(signal.reason as Error);
        if (this.empty) waiting.onEmpty();
      };
      addAbortListener(signal, item.onAbort);
    });
  }

  /**
   * Hands over what `send` takes, until it answers EAGAIN. Another negated errno is the end of what
   * it is about, and of nothing else. Answers whether all is gone.
   */
  flush(send: (packed: Packed) => number): boolean {
    for (;;) {
      const item = this.#pending.at(0);
      if (item === undefined) return true;
      const result = send(item.packed);
      if (result === EAGAIN) return false;
      this.#pending.shift();
      settle(item);
      if (result < 0) item.reject(item.failure(result, item.packed));
      else item.resolve();
    }
  }

  fail(reason: Error): void {
    for (const item of this.#pending.splice(0)) {
      settle(item);
      item.reject(reason);
    }
  }
}

function settle({ signal, onAbort }: Pending): void {
  if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
}
