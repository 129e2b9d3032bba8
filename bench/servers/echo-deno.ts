import { listenOptions, serveUntilInputEnds } from './lifecycle';

/** The part of Deno's API that is used here. */
interface DenoConnection {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(on: boolean): void;
  close(): void;
}

interface DenoListener extends AsyncIterable<DenoConnection> {
  readonly addr: { readonly port: number };
}

interface Deno {
  listen(options: { hostname: string; port: number }): DenoListener;
}

async function echo(connection: DenoConnection): Promise<void> {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const length = await connection.read(buffer);
    if (length === null) break;
    for (let written = 0; written < length;) {
      written += await connection.write(buffer.subarray(written, length));
    }
  }
  connection.close();
}

async function main(): Promise<void> {
  const deno = (globalThis as unknown as { Deno: Deno }).Deno;
  const options = listenOptions(process.argv[2] ?? '0');
  if (!('port' in options)) throw new Error('This server is for TCP');
  const listener = deno.listen({ hostname: options.host, port: options.port });
  serveUntilInputEnds({ port: listener.addr.port });
  for await (const connection of listener) {
    // The generator resets its connections when it ends.
    echo(connection).catch(() => undefined);
  }
}

void main();
