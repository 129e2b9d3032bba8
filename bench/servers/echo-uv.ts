import { nativeProgram } from '../programs';

interface EchoUvAddon {
  /** Serves until the standard input ends, and blocks the thread meanwhile. */
  run(this: void, address: string): void;
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon has no other way in
const { run } = require(nativeProgram('echo_uv.node')) as EchoUvAddon;

run(process.argv[2] ?? '0');
// Connections may still be open on the loop that has stopped.
process.exit(0);
