// A chat over a Unix socket: each line goes to all others. A client that does not read for long is
// disconnected, so that the others need not wait. Usage: chat.mts [PATH], and then: nc -U PATH
import { listen, type Stream } from 'iomux/net';

const MOST_BEHIND = 100; // lines

interface Person {
  readonly stream: Stream;
  behind: number;
}

const people = new Set<Person>();
const [path = '/tmp/iomux-chat.sock'] = process.argv.slice(2);
const listener = await listen({ path, mode: 0o600 });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
console.log('chatting at', path);

await listener.serve(async (stream) => {
  await stream.write('What is your name?\n');
  const name = await stream.readLine();
  if (name === null) return;
  const person = { stream, behind: 0 };
  people.add(person);
  void tell(person, `Hello, ${name}!`);
  try {
    tellOthers(person, `${name} is here`);
    for (let line; (line = await stream.readLine()) !== null;) {
      tellOthers(person, `${name}: ${line}`);
    }
  } finally {
    people.delete(person);
    tellOthers(person, `${name} has left`);
  }
});

function tellOthers(speaker: Person, line: string): void {
  for (const person of people) if (person !== speaker) void tell(person, line);
}

async function tell(person: Person, line: string): Promise<void> {
  if (person.behind === MOST_BEHIND) {
    person.stream.destroy();
    return;
  }
  person.behind++;
  try {
    await person.stream.write(`${line}\n`);
    person.behind--;
  } catch {
    person.stream.destroy(); // which ends its `readLine`
  }
}

function end(): void {
  void listener.close({ drain: AbortSignal.timeout(0) }); // and removes the path
}
