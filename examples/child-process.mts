// Talks to a child process over its standard input and output, one question and answer at a time. Both
// are one end of a socket pair, as the "pipes" of node:child_process are.
// Usage: child-process.mts [COMMAND [QUESTION...]], such as bc 1+2 3*4. The command must answer each line
// at once: tr, which buffers its output until the end of its input, does not work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Stream } from 'iomux/net';
import { Socket } from 'iomux/socket';

const ADDER = 'while read a b; do echo $((a + b)); done';
const [command = ADDER, ...given] = process.argv.slice(2);
const questions = given.length > 0 ? given : ['1 2', '20 22'];

const [ours, theirs] = Socket.pair();
const child = spawn('sh', ['-c', command], { stdio: [theirs.fd, theirs.fd, 'inherit'] });
const exit = once(child, 'exit');
theirs.close(); // the child has its own

const stream = Stream.fromFd(ours.detach());
try {
  for (const question of questions) {
    await stream.write(`${question}\n`);
    console.log(question, '->', await stream.readLine());
  }
  await stream.shutdown(); // the end of its input, which ends it
} catch (error) {
  console.log(`it does not listen any more: ${(error as Error).message}`);
}
const [code, signal] = (await exit) as [number | null, string | null];
console.log('it has ended by', signal ?? `code ${code}`);
await stream.close();
