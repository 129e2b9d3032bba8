// Timeouts and cancellation: everything that waits takes a signal. Here there is one for each step, one
// for the whole, and one for Ctrl-C; the first to abort counts. Prints what a server sends.
// Usage: timeouts.mts HOST:PORT [SECONDS FOR A LINE [SECONDS FOR ALL]]
import { connect } from 'iomux/net';

const [target = 'localhost:7000', step = '2', all = '10'] = process.argv.slice(2);
const colon = target.lastIndexOf(':');
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')));
const total = AbortSignal.any([interrupt.signal, AbortSignal.timeout(1000 * Number(all))]);

try {
  const address = { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
  await using server = await connect(address, { signal: within(5) });
  console.log('connected');
  for (;;) {
    const line = await server.readLine({ signal: within(Number(step)) });
    if (line === null) break;
    console.log(line);
  }
  console.log('the end');
} catch (error) {
  const { name, message } = error as Error;
  const what = total.aborted ? 'it has taken too long' : 'nothing has come for too long';
  console.log('given up:', name === 'TimeoutError' ? what : message);
}

function within(seconds: number): AbortSignal {
  return AbortSignal.any([total, AbortSignal.timeout(1000 * seconds)]);
}
