import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { close, descriptors, pipe } from './descriptors';

export interface HeldChild extends ChildProcess {
  readonly pid: number;
  /**
   * Lets it go on, before this returns: in a runtime that writes to a child's standard input in a later turn
   * of the event loop, whoever spins until the child has ended would spin for ever.
   */
  letGo(): void;
}

/** A child process that does what `command` says when it is let go. */
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
