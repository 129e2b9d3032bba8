// Waits until the daemon of a pid file has ended, and says how. With SECONDS, asks it to end first,
// and kills it when it has not by then.
// Usage: daemon-exit.mts PIDFILE [SECONDS]
import { readFileSync } from 'node:fs';
import { processExit } from 'iomux';

const [file = '/run/daemon.pid'] = process.argv.slice(2);
const seconds = process.argv.at(3);
const pid = Number(readFileSync(file, 'utf8'));
// Begins before the signals are sent: it is this process from now on, whoever has its number later.
const exit = processExit(pid);
let patience: NodeJS.Timeout | undefined;

try {
  if (seconds !== undefined) {
    exit.catch(() => undefined); // told below
    process.kill(pid, 'SIGTERM');
    patience = setTimeout(() => process.kill(pid, 'SIGKILL'), 1000 * Number(seconds));
  }
  const { code, signal } = await exit;
  const how = signal === null ? (code === null ? '' : ` with code ${code}`) : ` by ${signal}`;
  console.log(`${pid} has ended${how}`);
} catch (error) {
  console.log(`${pid}: ${String(error)}`);
} finally {
  clearTimeout(patience);
}
