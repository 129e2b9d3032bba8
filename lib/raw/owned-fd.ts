import { busyError, closedError } from '../errors';
import { native } from '../native';
import { closeOwn } from './closings';

const abandoned = new FinalizationRegistry<number>(closeOwn);

/** Those that the native side closes by itself. */
const elsewhere = new Set<number>();

/** From now on `refuseOwned` knows it, until it is closed. */
export function markOwned(fd: number): void {
  elsewhere.add(fd);
}

/** It is about to be closed by whom it was marked for. */
export function unmarkOwned(fd: number): void {
  elsewhere.delete(fd);
}

/** @throws `ERR_BUSY`: two handles would close it, and the second one somebody else's by then. */
export function refuseOwned(fd: number): void {
  if (native.isOwned(fd) === 1 || elsewhere.has(fd)) {
    throw busyError(`Descriptor ${fd} belongs to another handle`);
  }
}

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
    const fd = this.#letGo();
    if (fd !== -1) closeOwn(fd);
  }

  /** Somebody else has closed it: what has the number now is not ours to close. */
  lose(): void {
    const fd = this.#letGo();
    if (fd !== -1) native.disown(fd);
  }

  #letGo(): number {
    const fd = this.#fd;
    this.#fd = -1;
    abandoned.unregister(this);
    return fd;
  }
}
