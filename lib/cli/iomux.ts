#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { diagnose } from './doctor';
import { present } from './present';
import { version } from './version';

const USAGE = `Usage: iomux doctor [--json]
       iomux --version
       iomux --help

doctor     what iomux finds on this machine, and what to do about what is missing;
           exits with 1 where iomux does not work
  --json   the same for programs
`;
const MISUSE = 2;

void main(process.argv.slice(2));

async function main(args: string[]): Promise<void> {
  // A reader such as `head` may close the pipe early.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  const given = parsed(args);
  if (typeof given === 'string') {
    process.stderr.write(`iomux: ${given}\n\n${USAGE}`);
    process.exitCode = MISUSE;
  } else if (given.help) {
    process.stdout.write(USAGE);
  } else if (given.version) {
    process.stdout.write(`${version()}\n`);
  } else {
    const diagnosis = await diagnose();
    const text = given.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : present(diagnosis);
    process.stdout.write(text);
    process.exitCode = diagnosis.works ? 0 : 1;
  }
}

/** The options, or what is wrong with the arguments. */
function parsed(args: string[]): { help: boolean; version: boolean; json: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', short: 'v', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.help || values.version) return values;
    if (positionals.length === 0) return 'a command is missing';
    const [command, ...more] = positionals;
    if (command !== 'doctor') return `unknown command '${command}'`;
    return more.length === 0 ? values : `unexpected argument '${more[0]}'`;
  } catch (error) {
    return (error as Error).message;
  }
}
