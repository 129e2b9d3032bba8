import { busyError, closedError } from '../errors';
import { native } from '../native';
import { closeOwn } from './closings';

const abandoned = new FinalizationRegistry<Descriptor>((descriptor) => descriptor.close());

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

/** What an `OwnedFd` owns: who knows no more than this does not keep it open. */
export class Descriptor {
  /** -1 once closed. */
  fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  close(): void {
    const { fd } = this;
    this.fd = -1;
    if (fd !== -1) closeOwn(fd);
  }

  /** Somebody else has closed it: what has the number now is not ours to close. */
  lose(): void {
    if (this.fd !== -1) native.disown(this.fd);
    this.fd = -1;
  }
}

/** A descriptor that is closed once: by `close`, with its thread, or when nobody can reach it. */
export class OwnedFd {
  readonly descriptor: Descriptor;

  /** `fd` must come from a native call that made it for us, or from `native.adopt`. */
  constructor(
    fd: number,
    readonly what: string,
  ) {
    this.descriptor = new Descriptor(fd);
    abandoned.register(this, this.descriptor, this);
  }

  /** -1 once closed. */
  get fd(): number {
    return this.descriptor.fd;
  }

  /** @throws `ERR_CLOSED` */
  open(): number {
    if (this.fd === -1) throw closedError(this.what);
    return this.fd;
  }

  close(): void {
    abandoned.unregister(this);
    this.descriptor.close();
  }

  /** Somebody else has closed it. */
  lose(): void {
    abandoned.unregister(this);
    this.descriptor.lose();
  }
}
