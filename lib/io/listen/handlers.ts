import { addAbortCallback, removeAbortCallback } from '../../abort-callbacks';
import { queueMicrotask } from '../../clock';
import type { Stream } from '../stream/stream';

/** The running handlers of one `serve`, and their streams. */
export class Handlers {
  readonly #handler: (stream: Stream) => unknown;
  readonly #most: number;
  readonly #streams = new Set<Stream>();
  /** Resolves the promises of `ended`. */
  #waiting: (() => void)[] = [];

  /** At most `most` handlers run at a time. */
  constructor(handler: (stream: Stream) => unknown, most: number) {
    this.#handler = handler;
    this.#most = most;
  }

  get full(): boolean {
    return this.#streams.size >= this.#most;
  }

  /** Not async, since its frame would be kept for as long as the handler runs. */
  run(stream: Stream): void {
    this.#streams.add(stream);
    this.#call(stream).then(
      () => this.#close(stream),
      (error: unknown) => {
        this.#fail(stream, error);
      },
    );
  }

  /** Resolves when a handler has ended, or `wake` is called. */
  ended(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when all handlers have ended. When the signal aborts, destroys the remaining streams. */
  async drained(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.wake();
    addAbortCallback(signal, wake);
    while (this.#streams.size > 0 && !signal.aborted) await this.ended();
    removeAbortCallback(signal, wake);
    this.destroy(undefined);
  }

  /** Destroys the streams of the handlers that have not ended. */
  destroy(reason: unknown): void {
    for (const stream of this.#streams) stream.destroy(asError(reason));
  }

  #call(stream: Stream): Promise<unknown> {
    try {
      return Promise.resolve((0, this.#handler)(stream));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #close(stream: Stream): Promise<void> {
    try {
      if (!stream.closed) await stream.close();
      this.#remove(stream);
    } catch (error) {
      this.#fail(stream, error);
    }
  }

  #fail(stream: Stream, error: unknown): void {
    stream.destroy(asError(error));
    this.#remove(stream);
    if (!isFailure(error)) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #remove(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#waiting.length > 0) this.wake();
  }
}

function asError(reason: unknown): Error | undefined {
  return reason instanceof Error ? reason : undefined;
}

/** Errors that the peer can cause. */
const FAILURES = new Set<unknown>(['ERR_CLOSED', 'ERR_INCOMPLETE', 'ERR_LIMIT']);
const GIVEN_UP = new Set<unknown>(['TimeoutError', 'AbortError']);

/**
 * Whether it is the failure of a connection, of this one or another that the handler uses, rather than a
 * bug. A system call with a `path` concerns a file or a program.
 */
function isFailure(error: unknown): boolean {
  const { code, syscall, path, name } = Object(error) as Record<string, unknown>;
  const ofConnection = syscall !== undefined && path === undefined;
  return ofConnection || FAILURES.has(code) || GIVEN_UP.has(name);
}
