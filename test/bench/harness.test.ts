import { expect, test } from 'vitest';
import { compare } from '../../bench/harness';

async function callsOf(apart: boolean): Promise<string[]> {
  const calls: string[] = [];
  const peers = ['a', 'b'].map((name) => ({
    name,
    measure: () => {
      calls.push(name);
      return Promise.resolve({});
    },
    close: () => {
      calls.push(`close ${name}`);
      return Promise.resolve();
    },
  }));
  const comparison = { title: '', parameters: {}, peers };
  await compare(comparison, { rounds: 2, apart }, () => undefined);
  return calls;
}

test('what the runs have in common ends after the last round', async () => {
  expect(await callsOf(false)).toEqual(['a', 'b', 'a', 'b', 'close a', 'close b']);
});

test('what the runs have in common ends after every round where they are apart', async () => {
  const round = ['a', 'b', 'close a', 'close b'];
  expect((await callsOf(true)).slice(0, 8)).toEqual([...round, ...round]);
});
