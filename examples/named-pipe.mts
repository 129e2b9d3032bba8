// Waits on a named pipe, where Node itself would block one of its four threads.
// Try it with: echo hello > /tmp/iomux.fifo
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { notifyClosing, readable } from 'iomux';

const path = process.argv[2] ?? '/tmp/iomux.fifo';
if (!existsSync(path)) execFileSync('mkfifo', [path]);

// Open for writing too, so that the pipe does not end when the last writer leaves.
const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
process.once('SIGINT', () => {
  notifyClosing(fd); // rejects the wait below, which ends the loop
  closeSync(fd);
});

console.log('reading', path);
const buffer = Buffer.alloc(4096);
try {
  for (;;) {
    await readable(fd);
    process.stdout.write(buffer.subarray(0, readSync(fd, buffer)));
  }
} catch (error) {
  console.log(`the end: ${(error as Error).message}`);
}
