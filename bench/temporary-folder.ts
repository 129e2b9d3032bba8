import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, removed with all that is in it when it is disposed of. */
export class TemporaryFolder implements AsyncDisposable {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  static async create(): Promise<TemporaryFolder> {
    return new TemporaryFolder(await mkdtemp(join(tmpdir(), 'iomux-bench-')));
  }

  /** The path of a file or a socket in it. */
  path(name: string): string {
    return join(this.#path, name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#path, { recursive: true });
  }
}
