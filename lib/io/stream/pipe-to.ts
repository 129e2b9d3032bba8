import { EAGAIN, EBADF, EINVAL, ENOSYS, EPERM, EPIPE } from '../../errors';
import { native } from '../../native';
import { type Abortable, boolean, liveSignal, options, refuseForeign } from '../../validate';
import { abortable } from '../abortable';
import * as pipes from './pipes';
import type { Borrower, Reading } from './reading';
import { CHUNK } from './received';
import { type Outcome, Transfer } from './transfer';
import type { Writing } from './writing';

/** How `pipeTo` ends. */
export interface PipeOptions extends Abortable {
  /** Whether the end of the source shuts down the destination's write side; `true` by default. */
  readonly end?: boolean | undefined;
}

/** An option of `ReadableStream.pipeTo`. */
const FOREIGN = { preventClose: 'is called end here, with the opposite meaning' };

/** Whether splice(2) works: some systems lack it, and some sandboxes forbid it. */
const SPLICE = native.splice(-1, -1, 1) === EBADF;
/**
 * Errors of splice(2) for descriptors that can be read or written: the first one if it does not support one
 * of them, the others if the process has entered a sandbox meanwhile.
 */
const REFUSALS = new Set([EINVAL, ENOSYS, EPERM]);

/** See `Stream.pipeTo`. `shutdown` ends the destination, and is called when all its writes are done. */
export async function pipeTo(
  source: Reading,
  destination: Writing,
  shutdown: () => Promise<void>,
  o?: PipeOptions,
): Promise<number> {
  const { end = true } = options(o);
  if (o !== undefined) refuseForeign(o, FOREIGN);
  boolean('options.end', end);
  const signal = liveSignal(o);
  const count = await abortable<number>(signal, (resolve, reject) => {
    const transfer = new PipeTo(source, destination, { resolve, reject });
    const problem = source.lend(transfer);
    if (problem !== null) reject(problem);
    else transfer.start();
    return () => transfer.onClose(signal?.reason);
  });
  if (end) {
    const writes = destination.drained();
    if (writes !== null) {
      // After an abort nobody handles their rejection.
      writes.catch(() => undefined);
      await abortable(signal, (resolve, reject) => {
        writes.then(resolve, reject);
      });
    }
    await shutdown();
  }
  return count;
}

/**
 * Moves what one stream receives to another, as a transfer in its queue of writes. Small amounts are
 * received into the thread's buffer and sent from there, with two system calls. When a receive fills the
 * buffer, splice(2) moves the following bytes without copying them, through a pipe. The pipe is empty before
 * each splice from the source, so an EAGAIN of that splice comes from the source, and an EAGAIN of a splice
 * out of the pipe from the destination.
 *
 * After a failure, bytes that were taken from the source and not delivered can be read from it again.
 */
class PipeTo extends Transfer implements Borrower {
  readonly endless = true;
  readonly #source: Reading;
  /** Whether the last receive filled the buffer: more is probably there, and worth a pipe. */
  #bulk = false;
  #spliceable = SPLICE;
  /** Set only while bytes are in it. */
  #pipe: pipes.Pipe | null = null;
  #inPipe = 0;

  constructor(source: Reading, destination: Writing, outcome: Outcome) {
    super(destination, outcome);
    this.#source = source;
  }

  start(): void {
    pipes.enter();
    this.destination.start(this);
  }

  onReadable(): void {
    this.destination.resume();
  }

  onClose(reason: unknown): void {
    this.destination.stop(this, reason);
  }

  protected step(): boolean {
    const result = this.#deliver();
    if (result === EAGAIN) return false;
    if (result < 0) throw this.destination.failure(result, this.#pipe ? 'splice' : undefined);
    return this.#source.mayReceive() && this.#receive();
  }

  protected leave(): void {
    if (this.#pipe !== null) this.#takeBack(this.#pipe);
    this.#source.giveBack();
    pipes.leave();
  }

  /** Sends what was received. Returns 0 when nothing is left, else a negated errno. */
  #deliver(): number {
    return this.#pipe === null ? this.#deliverReceived() : this.#deliverSpliced(this.#pipe);
  }

  #deliverReceived(): number {
    const { received } = this.#source;
    if (received.length === 0) return 0;
    const { view } = received;
    const { mayWrite } = this.destination.channel;
    const count = mayWrite ? this.destination.send(view, 0, view.length) : EAGAIN;
    if (count > 0) {
      this.sent += count;
      received.skip(count);
    }
    received.keep();
    if (count < 0) return count;
    return received.length === 0 ? 0 : EAGAIN;
  }

  #deliverSpliced(pipe: pipes.Pipe): number {
    const { channel } = this.destination;
    while (this.#inPipe > 0) {
      const count = channel.mayWrite ? channel.spliceFrom(pipe.reader, this.#inPipe) : EAGAIN;
      if (REFUSALS.has(count)) {
        this.#spliceable = false;
        this.#takeBack(pipe);
        return this.#deliverReceived();
      }
      // 0 means a pipe without a writer: other code has closed our descriptor.
      if (count <= 0) return count === 0 ? EPIPE : count;
      this.sent += count;
      this.#inPipe -= count;
    }
    pipes.put(pipe);
    this.#pipe = null;
    return 0;
  }

  /** Receives what is available. Returns whether to continue; false means to wait for more. */
  #receive(): boolean {
    const count = this.#bulk ? this.#splice() : this.#source.receive();
    if (count === EAGAIN) return false;
    if (count < 0) throw this.#source.failure(count, this.#bulk ? 'splice' : undefined);
    if (count === 0) this.finish();
    else this.#bulk = this.#spliceable && count >= CHUNK;
    return true;
  }

  #splice(): number {
    const pipe = pipes.take();
    if (pipe !== null) {
      const count = this.#source.spliceInto(pipe.writer, pipes.PIPE_SIZE);
      if (count > 0) {
        this.#pipe = pipe;
        this.#inPipe = count;
        return count;
      }
      pipes.put(pipe);
      if (REFUSALS.has(count)) this.#spliceable = false;
      // 0 is the end, or urgent data that has not been reported yet.
      else if (count < 0) return count;
    }
    this.#bulk = false;
    return this.#source.receive();
  }

  /** Moves the bytes in the pipe back into the source's buffer, which reads use first. */
  #takeBack(pipe: pipes.Pipe): void {
    const bytes = Buffer.allocUnsafe(this.#inPipe);
    let end = 0;
    for (let count = 1; count > 0 && end < bytes.length; end += Math.max(0, count)) {
      count = native.read(pipe.reader, bytes.subarray(end));
    }
    this.#source.received.put(bytes.subarray(0, end));
    pipes.put(pipe);
    this.#pipe = null;
    this.#inPipe = 0;
  }
}
