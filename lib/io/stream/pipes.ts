import { native } from '../../native';

/** A pipe of the kernel's that nothing is left in. */
export interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

/**
 * Room for what one splice(2) moves. Bulk costs 0.30 s of processor time per GiB with it, 0.32 with
 * the 64 KiB that a pipe has by itself, 0.28 with 1 MiB, and 0.48 when it is copied instead; and a
 * destination that does not read makes the kernel hold this much.
 */
export const PIPE_SIZE = 262144;
/** How many are kept for the next one who needs one. */
const MOST_IDLE = 4;

const ends = new Int32Array(2);

/**
 * The pipes that splice(2) moves bytes through. They are for whatever is under way at the moment:
 * while a destination keeps up, one pipe serves every pair of streams of the thread. They are closed
 * when nobody is left who may need one.
 */
export class Pipes {
  #idle: Pipe[] = [];
  #users = 0;

  enter(): void {
    this.#users++;
  }

  leave(): void {
    this.#users--;
    if (this.#users === 0) for (const pipe of this.#idle.splice(0)) close(pipe);
  }

  /** `null` when the process has no descriptors left, or the system no pipes. */
  take(): Pipe | null {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (native.openPipe(ends) < 0) return null;
    const [reader, writer] = ends;
    // Refused to a user who has many: then it moves less at once.
    native.resizePipe(writer, PIPE_SIZE);
    return { reader, writer };
  }

  /** It must be empty. */
  put(pipe: Pipe): void {
    if (this.#idle.length < MOST_IDLE) this.#idle.push(pipe);
    else close(pipe);
  }
}

function close({ reader, writer }: Pipe): void {
  native.close(reader);
  native.close(writer);
}
