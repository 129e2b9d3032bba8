// Prints the beats of a timer, and how many were missed while the event loop was busy.
// Usage: heartbeat.mts [MILLISECONDS [BEATS]]
import { Timer } from 'iomux';

const [every = '100', beats = '20'] = process.argv.slice(2);
const started = process.hrtime.bigint();
const timer = new Timer({ every: Number(every) });
let total = 0;

for await (const count of timer) {
  total += count;
  const elapsed = Number(process.hrtime.bigint() - started) / 1e6;
  const missed = count > 1 ? `, ${count - 1} missed` : '';
  console.log(`beat ${total} after ${elapsed.toFixed(1)} ms${missed}`);
  if (total >= Number(beats)) timer.close();
  else if (total % 5 === 0) beBusy(2.5 * Number(every));
}

/** Blocks the thread, which a program should not do. */
function beBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
