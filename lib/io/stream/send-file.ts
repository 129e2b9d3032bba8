import { constants } from 'node:os';
import { clearImmediate, setImmediate } from '../../clock';
import { check, EAGAIN } from '../../errors';
import { native } from '../../native';
import {
  type Abortable,
  descriptorOf,
  integer,
  liveSignal,
  options,
  refuseForeign,
  type Source,
} from '../../validate';
import { abortable } from '../abortable';
import { type FileCopy, fileCopy } from './file-copy';
import { type Outcome, Transfer } from './transfer';
import type { Writing } from './writing';

/** Which part of the file is sent. */
export interface SendFileOptions extends Abortable {
  /** Of the first byte in the file; 0 by default. The descriptor's own position is not used or changed. */
  readonly offset?: number | undefined;
  /** How many bytes at most; up to the end of the file by default. */
  readonly length?: number | undefined;
}

/** How many bytes are sent in one turn of the event loop: the thread may wait for the disk meanwhile. */
const TURN = 262144;

const { EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP, ENOTSOCK, EPERM, ESPIPE } = constants.errno;
/**
 * Errors of sendfile(2) for descriptors that it does not support, or in a sandbox that forbids it. A copy
 * works, or has a clearer error.
 */
const REFUSALS = [EINVAL, ENOSYS, ENOTSUP, EOPNOTSUPP, ENOTSOCK, EPERM, ESPIPE].map((one) => -one);

/** See `Stream.sendFile`. */
export function sendFile(
  source: Source,
  destination: Writing,
  o?: SendFileOptions,
): Promise<number> {
  let range: Range;
  let signal: AbortSignal | undefined;
  try {
    descriptorOf(source);
    range = rangeOf(options(o));
    signal = liveSignal(o);
  } catch (error) {
    return Promise.reject(error);
  }
  return abortable(signal, (resolve, reject) => {
    const transfer = new SendFile(source, destination, range, { resolve, reject });
    destination.start(transfer);
    return () => destination.stop(transfer, signal?.reason);
  });
}

interface Range {
  /** `undefined` if not given: not every source has an offset. */
  readonly offset: number | undefined;
  readonly length: number;
}

/** Options of `fs.createReadStream`. */
const FOREIGN = { start: 'is called offset here', end: 'is not supported: use length' };

function rangeOf(o: SendFileOptions): Range {
  const { offset, length } = o;
  refuseForeign(o, FOREIGN);
  if (offset !== undefined) integer('options.offset', offset, 0, Number.MAX_SAFE_INTEGER);
  if (length !== undefined) integer('options.length', length, 0, Number.MAX_SAFE_INTEGER);
  return { offset, length: length ?? Infinity };
}

/** A part of a file in a queue of writes. */
class SendFile extends Transfer {
  readonly #source: Source;
  readonly #range: Range;
  /** Of the file, when sending started. It may have grown since. */
  #size: number | undefined;
  /** How many bytes may still be sent in this turn. */
  #turn = TURN;
  #deferred: NodeJS.Immediate | undefined;
  /** Used instead of sendfile(2) once that is refused. */
  #copy: FileCopy | undefined;

  constructor(source: Source, destination: Writing, range: Range, outcome: Outcome) {
    super(destination, outcome);
    this.#source = source;
    this.#range = range;
  }

  /** A pipe or a device may never end. */
  get endless(): boolean {
    const fd = typeof this.#source === 'number' ? this.#source : this.#source.fd;
    return native.fileType(fd) !== native.S_IFREG;
  }

  protected step(): boolean {
    if (this.#turn <= 0) this.#defer();
    if (this.#turn <= 0 || !this.destination.channel.mayWrite) return false;
    const most = Math.min(this.#range.length - this.sent, this.#turn);
    const count = most === 0 ? 0 : this.#send(most);
    if (count === EAGAIN) return false;
    if (count === 0) {
      this.finish();
    } else if (count > 0) {
      this.sent += count;
      this.#turn -= count;
    } else if (this.#copy === undefined && REFUSALS.includes(count)) {
      this.#copy = this.#newCopy();
    } else {
      const syscall = this.#copy === undefined ? 'sendfile' : undefined;
      throw this.destination.failure(count, syscall);
    }
    return true;
  }

  #send(most: number): number {
    if (this.#copy !== undefined) return this.#copy.send(most);
    const fd = descriptorOf(this.#source);
    const position = this.#position;
    this.#size ??= check(native.fileSize(fd), 'fstat', fd);
    // If the file ends before the requested length, Linux before 6.5 expects more bytes, and TCP delays the
    // last segment by 200 ms.
    const rest = this.#size - position;
    return this.destination.channel.sendFile(fd, position, rest > 0 ? Math.min(rest, most) : most);
  }

  get #position(): number {
    return (this.#range.offset ?? 0) + this.sent;
  }

  #newCopy(): FileCopy {
    // sendfile(2) may be refused in the middle of a file.
    const offset = this.sent > 0 ? this.#position : this.#range.offset;
    return fileCopy(this.#source, offset, this.destination, (problem) => {
      if (problem === undefined) this.destination.resume();
      else this.destination.stop(this, problem);
    });
  }

  /** Continues in the next turn of the event loop. */
  #defer(): void {
    this.#deferred ??= setImmediate(() => {
      this.#deferred = undefined;
      this.#turn = TURN;
      this.destination.resume();
    });
  }

  protected leave(): void {
    clearImmediate(this.#deferred);
    this.#copy?.close();
  }
}
