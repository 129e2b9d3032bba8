import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { close, descriptors, pipe } from './descriptors';

export interface HeldChild extends ChildProcess {
  readonly pid: number;
  /**
   * Lets the child go on, before this returns. Some runtimes write to the standard input of a child in a
   * later iteration of the event loop, which a test that spins until the child has ended would never reach.
   */
  letGo(): void;
}

/** A child process that runs `command` once it is let go. */
export function holdChild(command: string): HeldChild {
  const [reader, writer] = pipe();
  descriptors.setBlocking(reader, true);
  const child = spawn('sh', ['-c', `read line; ${command}`], {
    stdio: [reader, 'ignore', 'ignore'],
  });
  close(reader);
  const letGo = (): void => {
    writeSync(writer, '\n');
    close(writer);
  };
  return Object.assign(child as ChildProcess & { pid: number }, { letGo });
}
