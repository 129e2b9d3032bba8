// Follows the kernel log, a character device (Linux, as root), like dmesg --follow.
import { constants, openSync, readSync } from 'node:fs';
import { readable } from 'iomux';

const fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
const buffer = Buffer.alloc(8192);

for (;;) {
  await readable(fd);
  try {
    // Each read is one record: "priority,number,microseconds,flags;text", and lines of details.
    const [record] = buffer.toString('utf8', 0, readSync(fd, buffer)).split('\n');
    const [, , microseconds] = record.split(',');
    const text = record.slice(record.indexOf(';') + 1);
    console.log(`[${(Number(microseconds) / 1e6).toFixed(6)}] ${text}`);
  } catch (error) {
    // EPIPE: the kernel has overwritten records that were not read in time. The next read succeeds.
    console.log(`some are lost: ${(error as Error).message}`);
  }
}
