import type { Stream } from '../stream/stream';

/** The handlers that run for the connections of one `serve`, each with its stream. */
export class Handlers {
  readonly #handler: (stream: Stream) => unknown;
  readonly #most: number;
  readonly #streams = new Set<Stream>();
  /** Those who wait until one has ended. */
  #waiting: (() => void)[] = [];

  /** `most` of them may run at a time. */
  constructor(handler: (stream: Stream) => unknown, most: number) {
    this.#handler = handler;
    this.#most = most;
  }

  get full(): boolean {
    return this.#streams.size >= this.#most;
  }

  run(stream: Stream): void {
    this.#streams.add(stream);
    void this.#run(stream);
  }

  /** Resolves when a handler has ended, or `wake` is called. */
  ended(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when all have ended, or when the signal aborts: then what is left is destroyed. */
  async drained(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.wake();
    signal.addEventListener('abort', wake);
    while (this.#streams.size > 0 && !signal.aborted) await this.ended();
    signal.removeEventListener('abort', wake);
    for (const stream of this.#streams) stream.destroy();
  }

  async #run(stream: Stream): Promise<void> {
    try {
      await (0, this.#handler)(stream);
      if (!stream.closed) await stream.close();
    } catch (error) {
      stream.destroy();
      // The connection's own failure is an end of it; anything else is a mistake.
      const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
      if (syscall === undefined && code !== 'ERR_CLOSED') {
        queueMicrotask(() => {
          throw error;
        });
      }
    } finally {
      this.#streams.delete(stream);
      if (this.#waiting.length > 0) this.wake();
    }
  }
}
