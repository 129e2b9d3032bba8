import { createInterface } from 'node:readline';

/**
 * Announces that the program is ready, takes a turn for every line on the standard input and answers with
 * its result, and ends the process when the input ends.
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
