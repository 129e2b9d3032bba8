import { addAbortListener } from 'node:events';

/**
 * What we call when one signal aborts. An EventTarget looks through all its listeners to add or remove one,
 * so a server whose connections all wait with one signal would spend its time on that. So each signal gets
 * one listener of ours, for as long as anything waits with it.
 */
class AbortCallbacks {
  readonly #callbacks = new Set<() => void>();
  readonly #run = (): void => {
    for (const callback of this.#callbacks) {
      this.#callbacks.delete(callback);
      callback();
    }
  };

  add(signal: AbortSignal, callback: () => void): void {
    if (this.#callbacks.size === 0) addAbortListener(signal, this.#run);
    this.#callbacks.add(callback);
  }

  remove(signal: AbortSignal, callback: () => void): void {
    if (!this.#callbacks.delete(callback)) return;
    if (this.#callbacks.size === 0) signal.removeEventListener('abort', this.#run);
  }
}

const bySignal = new WeakMap<AbortSignal, AbortCallbacks>();

/** Calls `callback`, which must not throw, when the signal, if any, aborts. It must not have aborted yet. */
export function addAbortCallback(signal: AbortSignal | undefined, callback: () => void): void {
  if (signal === undefined) return;
  let callbacks = bySignal.get(signal);
  if (callbacks === undefined) bySignal.set(signal, (callbacks = new AbortCallbacks()));
  callbacks.add(signal, callback);
}

export function removeAbortCallback(signal: AbortSignal | undefined, callback: () => void): void {
  if (signal !== undefined) bySignal.get(signal)?.remove(signal, callback);
}
