import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const PROGRAM = `
import json, os, socket, sys
path, count = sys.argv[1], int(sys.argv[2])
receiver = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_DGRAM)
receiver.settimeout(60)
receiver.bind(path or ('127.0.0.1', 0))
print(json.dumps(receiver.getsockname()), flush=True)
for _ in range(count):
    data, sender = receiver.recvfrom(65536)
    if sender and sys.argv[3] == 'echo':
        receiver.sendto(data[::-1], sender)
    print(json.dumps(data.decode()), flush=True)
`;

/** A datagram socket of Python's, in a process of its own. */
export interface PythonReceiver {
  readonly child: ChildProcess;
  /** The port, over UDP. */
  readonly port: number;
  /** What it has received, once it has ended. */
  readonly received: Promise<string[]>;
}

/**
 * Receives so many datagrams, at a path or at a port of 127.0.0.1. With `echo`, it sends each back,
 * reversed.
 */
export async function pythonReceiver(
  count: number,
  { path = '', echo = false }: { path?: string; echo?: boolean } = {},
): Promise<PythonReceiver> {
  const args = ['-c', PROGRAM, path, String(count), echo ? 'echo' : 'keep'];
  const child = spawn('python3', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const first = await lines.next();
  const address = JSON.parse(String(first.value)) as string | [string, number];
  const received = (async () => {
    const all: string[] = [];
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      all.push(JSON.parse(line.value) as string);
    }
    return all;
  })();
  return { child, port: typeof address === 'string' ? 0 : address[1], received };
}
