// Prints what is written to a file from now on, even if another file replaces it, like `tail -F`:
//   node examples/tail.mts /var/log/syslog
import { FileWatch } from 'iomux';
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const file = process.argv[2];
const buffer = Buffer.alloc(65536);
let fd = openSync(file, 'r');
let position = fstatSync(fd).size;

using watch = new FileWatch(dirname(file)); // the directory: a watch of the file would end when it is replaced
console.log(`tailing ${file}`);
while ((await watch.receive()) !== null) {
  copy();
  const now = statSync(file, { throwIfNoEntry: false });
  if (now === undefined || now.ino === fstatSync(fd).ino) continue;
  closeSync(fd);
  fd = openSync(file, 'r');
  position = 0;
  copy();
}

function copy(): void {
  if (fstatSync(fd).size < position) position = 0; // truncated
  for (let n; (n = readSync(fd, buffer, 0, buffer.length, position)) > 0; position += n)
    process.stdout.write(buffer.subarray(0, n));
}
