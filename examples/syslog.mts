// Sends lines of standard input to the syslog daemon at a path, as messages of RFC 5424.
// Usage: syslog.mts [PATH] [TAG] < lines; the path is /dev/log otherwise
import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { Datagram } from 'iomux/net';

const USER = 1;
const NOTICE = 5;

const [path = '/dev/log', tag = 'iomux'] = process.argv.slice(2);
const log = await Datagram.connect({ path });
for await (const line of createInterface(process.stdin)) {
  const fields = [new Date().toISOString(), hostname() || '-', tag, process.pid, '-', '-'];
  try {
    // Waits while the daemon's queue is full: nothing is lost.
    await log.send(`<${USER * 8 + NOTICE}>1 ${fields.join(' ')} ${line}`);
  } catch (error) {
    // The daemon may have been restarted, on a new socket.
    console.error(`not logged: ${String(error)}`);
  }
}
log.close();
