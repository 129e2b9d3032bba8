// A loop of one's own in the style of Python's selectors: it blocks the thread, and there is no
// promise in it. Usage: poller-loop.ts FIFO...
import { constants, openSync, readSync } from 'node:fs';
import { Poller, READABLE } from 'iomux';

const poller = new Poller();
for (const path of process.argv.slice(2)) {
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  poller.add(fd, READABLE, { token: path });
}

const buffer = Buffer.alloc(4096);
for (;;) {
  const events = poller.wait({ timeout: 5000 });
  if (events.length === 0) console.log('nothing for five seconds');
  for (const { source, token } of events) {
    const count = readSync(source as number, buffer);
    console.log(`${String(token)}: ${buffer.toString('utf8', 0, count).trimEnd()}`);
  }
}
