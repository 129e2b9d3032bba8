import { lstatSync, unlinkSync } from 'node:fs';

/** The file of a bound Unix socket. */
export class SocketFile {
  readonly #path: string;
  readonly #identity: string | undefined;

  /** `path` has just been bound; an abstract name has no file. */
  constructor(path: string) {
    this.#path = path;
    this.#identity = path === '' || path.startsWith('\0') ? undefined : identityOf(path);
  }

  /** Removes the file, unless it is another one by now. */
  remove(): void {
    if (this.#identity === undefined || identityOf(this.#path) !== this.#identity) return;
    try {
      unlinkSync(this.#path);
    } catch {
      // Gone, or not ours to remove any more: the socket is closed all the same.
    }
  }
}

function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
