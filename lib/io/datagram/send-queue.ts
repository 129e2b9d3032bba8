import { EAGAIN } from '../../errors';
import { abortable } from '../abortable';
import type { Packed } from './outbox';

/** The datagrams of one call. */
interface Pending {
  readonly packed: Packed;
  readonly many: boolean;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Who hands over what waits. */
interface QueueSender {
  /** 0 when all of it has been taken, EAGAIN, or another negated errno. */
  send(packed: Packed): number;
  /** The error for that. `many`: of `sendMany`. */
  failure(errno: number, packed: Packed, many: boolean): Error;
  /** Something waits, and nothing did before. */
  onFirst(): void;
  /** An abort has taken out the last that waited. */
  onEmpty(): void;
}

/** What the kernel would not take at once, in the order of the calls. */
export class SendQueue {
  readonly #sender: QueueSender;
  #pending: Pending[] = [];

  constructor(sender: QueueSender) {
    this.#sender = sender;
  }

  get empty(): boolean {
    return this.#pending.length === 0;
  }

  /** Resolves when all of it has been taken. */
  push(packed: Packed, many: boolean, signal: AbortSignal | undefined): Promise<void> {
    return abortable(signal, (resolve, reject) => {
      if (this.empty) this.#sender.onFirst();
      const item: Pending = { packed, many, resolve, reject };
      this.#pending.push(item);
      return () => {
        this.#pending = this.#pending.filter((other) => other !== item);
        if (this.empty) this.#sender.onEmpty();
      };
    });
  }

  /**
   * Hands over what is taken, until that is EAGAIN. Another negated errno is the end of what it is
   * about, and of nothing else. Answers whether all is gone.
   */
  flush(): boolean {
    for (;;) {
      const item = this.#pending.at(0);
      if (item === undefined) return true;
      const { packed, many } = item;
      const result = this.#sender.send(packed);
      if (result === EAGAIN) return false;
      this.#pending.shift();
      if (result < 0) item.reject(this.#sender.failure(result, packed, many));
      else item.resolve();
    }
  }

  fail(reason: Error): void {
    for (const { reject } of this.#pending.splice(0)) reject(reason);
  }
}
