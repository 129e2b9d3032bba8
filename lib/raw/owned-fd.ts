import { busyError, closedError } from '../errors';
import { native } from '../native';
import { closeOwn } from './closings';

const abandoned = new FinalizationRegistry<Descriptor>((descriptor) => descriptor.close());

/** @throws `ERR_BUSY` for a descriptor of another handle: each would close it, one of them too late. */
export function refuseOwned(fd: number): void {
  if (native.isOwned(fd) === 1) throw busyError(`Descriptor ${fd} belongs to another handle`);
}

/** The descriptor of an `OwnedFd`: a reference to this does not keep it open, as one to the `OwnedFd` does. */
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

  /** Somebody else has closed it: the file that has the number now must not be closed. */
  lose(): void {
    if (this.fd !== -1) native.disown(this.fd);
    this.fd = -1;
  }
}

/** A descriptor that is closed once: by `close`, with its thread, or when this is garbage collected. */
export class OwnedFd {
  readonly descriptor: Descriptor;

  /** `fd` must come from a native call that created it, or have been passed to `native.adopt`. */
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
