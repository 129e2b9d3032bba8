import { systemError } from '../errors';
import { native } from '../native';

/** The descriptors that a probe has opened, which are closed after it. */
export class Opened {
  readonly #fds: number[] = [];

  /** Takes the result of a call that creates a descriptor, and throws it if it is an error. */
  own(fd: number, syscall: string): number {
    if (fd < 0) throw systemError(fd, syscall);
    this.#fds.push(fd);
    return fd;
  }

  pipe(): [reader: number, writer: number] {
    return this.#pair((ends) => native.openPipe(ends), 'pipe');
  }

  socketPair(type: number): [number, number] {
    return this.#pair((ends) => native.socketPair(native.AF_UNIX, type, 0, ends), 'socketpair');
  }

  socket(domain: number, type: number): number {
    return this.own(native.socket(domain, type, 0), 'socket');
  }

  [Symbol.dispose](): void {
    for (const fd of this.#fds) native.close(fd);
  }

  #pair(open: (ends: Int32Array) => number, syscall: string): [number, number] {
    const ends = new Int32Array(2);
    const result = open(ends);
    if (result < 0) throw systemError(result, syscall);
    return [this.own(ends[0], syscall), this.own(ends[1], syscall)];
  }
}
