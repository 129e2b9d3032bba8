import { native } from '../../native';

/** A pipe of the kernel. */
export interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

/**
 * The capacity of a pipe, and so the most that one splice(2) moves. Bulk data costs 0.30 s of processor time
 * per GiB with it, 0.32 with the default of 64 KiB, 0.28 with 1 MiB, and 0.48 when it is copied instead. A
 * destination that does not read makes the kernel hold this much.
 */
export const PIPE_SIZE = 262144;
/** How many empty pipes are kept open for later use. */
const MOST_IDLE = 4;

const ends = new Int32Array(2);

// The pipes that splice(2) moves bytes through. A `pipeTo` holds one only while bytes are in it, so as long as the
// destinations keep up, one pipe serves all `pipeTo`s of the thread. They are closed when the last `pipeTo` ends.

const idle: Pipe[] = [];
let users = 0;

export function enter(): void {
  users++;
}

export function leave(): void {
  users--;
  if (users === 0) for (const pipe of idle.splice(0)) close(pipe);
}

/** `null` when the process has no descriptors left, or the system no pipes. */
export function take(): Pipe | null {
  const known = idle.pop();
  if (known !== undefined) return known;
  if (native.openPipe(ends) < 0) return null;
  const [reader, writer] = ends;
  // May fail because of the user's limit (pipe-user-pages-soft); then each splice moves less.
  native.resizePipe(writer, PIPE_SIZE);
  return { reader, writer };
}

/** It must be empty. */
export function put(pipe: Pipe): void {
  if (idle.length < MOST_IDLE) idle.push(pipe);
  else close(pipe);
}

function close({ reader, writer }: Pipe): void {
  native.close(reader);
  native.close(writer);
}
