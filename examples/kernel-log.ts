// Follows the log of the kernel, a character device (Linux, as root), as dmesg --follow does.
import { constants, openSync, readSync } from 'node:fs';
import { readable } from 'iomux';

const fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
const record = Buffer.alloc(8192);

for (;;) {
  await readable(fd);
  // Each read is one record: "priority,number,microseconds,flags;text".
  const [head = '', text = ''] = record.toString('utf8', 0, readSync(fd, record)).split(';');
  const seconds = Number(head.split(',')[2]) / 1e6;
  console.log(`[${seconds.toFixed(6)}] ${text.trimEnd()}`);
}
