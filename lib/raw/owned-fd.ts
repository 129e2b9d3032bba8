import { closedError } from '../errors';
import { native } from '../native';

const abandoned = new FinalizationRegistry<number>((fd) => {
  native.close(fd);
});

/** A descriptor that is closed once: by `close`, with its thread, or when nobody can reach it. */
export class OwnedFd {
  #fd: number;

  /** `fd` must come from a native call that made it for us, or from `native.adopt`. */
  constructor(
    fd: number,
    readonly what: string,
  ) {
    this.#fd = fd;
    abandoned.register(this, fd, this);
  }

  /** -1 once closed. */
  get fd(): number {
    return this.#fd;
  }

  /** @throws `ERR_CLOSED` */
  open(): number {
    if (this.#fd === -1) throw closedError(this.what);
    return this.#fd;
  }

  close(): void {
    if (this.#fd === -1) return;
    const fd = this.#fd;
    this.#fd = -1;
    abandoned.unregister(this);
    // Whatever it answers, the descriptor is gone, or was closed by somebody else before.
    native.close(fd);
  }
}
