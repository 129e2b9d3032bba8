import type { Interest } from '../../poll/interest';

/** Where `Reading` receives from: a Channel, or the Duplex of `fromDuplex`. */
export interface Carrier {
  readonly fd: number;
  readonly transport: { readonly receiveCall: string };
  /** Whether `receive` may return something. */
  readonly mayRead: boolean;
  /** Like `mayRead`, but asks the kernel if needed: events of this turn may not have been reported yet. */
  readonly mayTryRead: boolean;
  takeTurn(): boolean;
  /** Returns how many bytes were received, 0 at the end, or a negated errno. */
  receive(into: Uint8Array): number;
  spliceInto(pipe: number, length: number): number;
  /** Starts to report when `receive` may return something. Returns an error if that is impossible. */
  park(): Error | null;
  /** Sets whether a call is pending in a direction: it keeps the process alive. */
  hold(direction: Interest, pending: boolean): void;
}
