import { createInterface } from 'node:readline';

/**
 * Says that the program is ready, answers every line on the standard input with what `turn` did, and
 * ends the process when the input does.
 */
export function takeTurns(turn: () => Promise<object>): void {
  const say = (answer: object): void => {
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  };
  say({ address: '' });
  const input = createInterface(process.stdin);
  input.on('line', () => void turn().then(say));
  input.on('close', () => process.exit(0));
}
