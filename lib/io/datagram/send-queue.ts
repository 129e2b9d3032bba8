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

/** Sends what is queued. */
interface QueueSender {
  /** Returns 0 when everything has been sent, EAGAIN, or another negated errno. */
  send(packed: Packed): number;
  /** Creates the error for an errno. `many`: of `sendMany`. */
  failure(errno: number, packed: Packed, many: boolean): Error;
  /** The queue is no longer empty. */
  onFirst(): void;
  /** An abort has emptied the queue. */
  onEmpty(): void;
}

/** The sends that the kernel has not taken immediately, in the order of the calls. */
export class SendQueue {
  readonly #sender: QueueSender;
  #pending: Pending[] = [];

  constructor(sender: QueueSender) {
    this.#sender = sender;
  }

  get empty(): boolean {
    return this.#pending.length === 0;
  }

  /** Resolves when all of it has been sent. */
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
   * Sends until EAGAIN. Another error fails only the call that it concerns. Returns whether the queue is
   * empty.
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
