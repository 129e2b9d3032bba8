// Reloads its configuration on SIGHUP, prints it on SIGUSR2, and ends on SIGTERM:
//   node examples/reload.mts config.json & kill -HUP $!
import { Signals } from 'iomux';
import { readFileSync } from 'node:fs';

const file = process.argv[2];
const load = (): unknown => JSON.parse(readFileSync(file, 'utf8'));
let config = load();

using signals = new Signals(['SIGHUP', 'SIGUSR2', 'SIGTERM']);
console.log(`ready: ${process.pid}`);
for await (const { signal, pid } of signals) {
  if (signal === 'SIGTERM') break;
  if (signal === 'SIGUSR2') console.log(JSON.stringify(config));
  if (signal !== 'SIGHUP') continue;
  try {
    config = load();
    console.log(`reloaded for ${pid}`);
  } catch (error) {
    console.error(`${file} is as it was: ${(error as Error).message}`);
  }
}
