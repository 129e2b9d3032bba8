import { addAbortListener } from 'node:events';
type Settle<T> = (value: T) => void;

/**
 * A promise for what `start` begins, which answers how to stop it. Aborting stops it and rejects with
 * the signal's reason; what it comes to later is ignored.
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  start: (resolve: Settle<T>, reject: Settle<unknown>) => () => void,
): Promise<T> {
  if (signal === undefined) {
    return new Promise((resolve, reject) => {
      start(resolve, reject);
    });
  }
  return new Promise((resolve, reject) => {
    // A listener that is added now would not be told any more.
    signal.throwIfAborted();
    let stop: (() => void) | undefined;
    const onAbort = (): void => {
      stop?.();
      reject(signal.reason);
    };
    const ending =
      <V>(settle: Settle<V>): Settle<V> =>
      (value) => {
        signal.removeEventListener('abort', onAbort);
        settle(value);
      };
    addAbortListener(signal, onAbort);
    try {
      stop = start(ending(resolve), ending(reject));
    } catch (error) {
      ending(reject)(error);
    }
  });
}
