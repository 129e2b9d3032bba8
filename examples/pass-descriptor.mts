// Opens a file and passes its descriptor over a Unix socket (SCM_RIGHTS) to another process, which could
// not open the file itself. Usage: pass-descriptor.mts FILE
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Socket } from 'iomux/socket';

const [path = '/etc/hostname'] = process.argv.slice(2);
if (process.env['TAKE'] === undefined) await give();
else await take();

async function give(): Promise<void> {
  const file = openSync(path, 'r');
  const [ours, theirs] = Socket.pair();
  const stdio = ['inherit', 'inherit', 'inherit', theirs.fd] as const; // number 3 in the other process
  const env = { ...process.env, TAKE: '3' };
  const script = fileURLToPath(import.meta.url);
  spawn(process.execPath, [...process.execArgv, script], { stdio: [...stdio], env });
  theirs.close(); // the other process has a duplicate
  await ours.sendMessage(path, { descriptors: [file] });
  closeSync(file); // likewise
  await ours.receive(Buffer.alloc(1)); // 0 bytes: the other process has read the file and ended
  ours.close();
}

async function take(): Promise<void> {
  const socket = Socket.fromFd(Number(process.env['TAKE']));
  const name = Buffer.alloc(4096);
  const { length, descriptors } = await socket.receiveMessage(name, { maxDescriptors: 1 });
  console.log(`${name.toString('utf8', 0, length)}: ${readFileSync(descriptors[0]).length} bytes`);
  closeSync(descriptors[0]);
  socket.close();
}
