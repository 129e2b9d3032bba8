import { addAbortCallback, removeAbortCallback } from '../abort-callbacks';

type Settle<T> = (value: T) => void;

/**
 * Returns a promise that `start` settles. `start` may return a function that cancels the operation: when the
 * signal aborts, it is called, and the promise rejects with the signal's reason, unless it returns `false`.
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  start: (resolve: Settle<T>, reject: Settle<unknown>) => (() => unknown) | undefined,
): Promise<T> {
  if (signal === undefined) return new Promise(start);
  return new Promise((resolve, reject) => {
    // A signal that has aborted already fires no event.
    signal.throwIfAborted();
    let stop: (() => unknown) | undefined;
    const onAbort = (): void => {
      if (stop?.() !== false) reject(signal.reason);
    };
    const ending =
      <V>(settle: Settle<V>): Settle<V> =>
      (value) => {
        removeAbortCallback(signal, onAbort);
        settle(value);
      };
    addAbortCallback(signal, onAbort);
    try {
      stop = start(ending(resolve), ending(reject));
    } catch (error) {
      ending(reject)(error);
    }
  });
}
