// Waits until the daemon of a pid file has ended, and says how. With SECONDS, sends it SIGTERM first,
// and SIGKILL if it has not ended by then.
// Usage: daemon-exit.mts PIDFILE [SECONDS]
import { readFileSync } from 'node:fs';
import { processExit } from 'iomux';

const [file = '/run/daemon.pid'] = process.argv.slice(2);
const seconds = process.argv.at(3);
const pid = Number(readFileSync(file, 'utf8'));
// Before the signals are sent: from here on it watches this process, even if its pid is reused.
const exit = processExit(pid);
let patience: NodeJS.Timeout | undefined;

try {
  if (seconds !== undefined) {
    exit.catch(() => undefined); // reported below
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
