// The loop of every event-driven program: get a message, process it, repeat until one says quit. The
// messages come from a timer and from named pipes. Usage: message-loop.mts FIFO...
// Try it with: mkfifo /tmp/a; node message-loop.mts /tmp/a & echo hello > /tmp/a; echo quit > /tmp/a
import { constants, openSync, readSync } from 'node:fs';
import { Poller, READABLE, type Source, Timer } from 'iomux';

type Message =
  | { readonly type: 'tick'; readonly count: number }
  | { readonly type: 'text'; readonly from: string; readonly text: string }
  | { readonly type: 'quit' };

const poller = new Poller();
const sources = new Map<Source, () => Message[]>();
const queue: Message[] = [];

const timer = new Timer({ every: 1000 });
add(timer, () => [{ type: 'tick', count: timer.tryTake() }]);
const buffer = Buffer.alloc(4096);
for (const from of process.argv.slice(2)) {
  // Open for writing too, so that the pipe does not end when the last writer leaves.
  const fd = openSync(from, constants.O_RDWR | constants.O_NONBLOCK);
  add(fd, () => {
    const lines = buffer.toString('utf8', 0, readSync(fd, buffer)).trimEnd().split('\n');
    return lines.map((text) => (text === 'quit' ? { type: 'quit' } : { type: 'text', from, text }));
  });
}

console.log('waiting for messages');
for (let message = get(); message.type !== 'quit'; message = get()) processMessage(message);
console.log('told to quit');

/** Blocks the thread until there is a message. */
function get(): Message {
  for (;;) {
    const message = queue.shift();
    if (message !== undefined) return message;
    for (const { source } of poller.wait()) queue.push(...(sources.get(source)?.() ?? []));
  }
}

function processMessage(message: Message): void {
  if (message.type === 'text') console.log(`${message.from}: ${message.text}`);
  else if (message.type === 'tick') console.log(message.count === 1 ? 'tick' : 'ticks were missed');
}

function add(source: Source, read: () => Message[]): void {
  sources.set(source, read);
  poller.add(source, READABLE);
}
