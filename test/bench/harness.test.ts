import { expect, test } from 'vitest';
import { compare, runsOf } from '../../bench/harness';
import { NothingMeasured } from '../../bench/window';

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
  const comparison = { title: '', parameters: {}, peers, turns: 1 };
  await compare(comparison, { rounds: 2, apart, counted: true }, () => undefined);
  return calls;
}

test('what the runs have in common ends after the last round', async () => {
  expect(await callsOf(false)).toEqual(['a', 'b', 'a', 'b', 'close a', 'close b']);
});

test('a round has the median of its turns', async () => {
  const calls: string[] = [];
  const peer = (name: string, values: number[]) => ({
    name,
    measure: () => {
      calls.push(name);
      const time = values.shift() ?? NaN;
      return Promise.resolve({ time, square: time ** 2 });
    },
  });
  const peers = [peer('a', [1, 9, 2, 5, 4, 3]), peer('b', [7, 7, 7, 8, 8, 8])];
  const comparison = { title: '', parameters: {}, peers, turns: 3 };
  const rounds = { rounds: 2, apart: false, counted: false };
  const result = await compare(comparison, rounds, () => undefined);
  expect(calls.join('')).toBe('abababababab');
  expect(calls).toHaveLength(runsOf(comparison, rounds));
  expect(result.peers.map(({ samples }) => samples)).toEqual([
    [
      { time: 2, square: 4 },
      { time: 4, square: 16 },
    ],
    [
      { time: 7, square: 49 },
      { time: 8, square: 64 },
    ],
  ]);
});

test('a turn in which nothing was done is repeated, but not for ever', async () => {
  let failures = 3;
  const measure = () =>
    failures-- > 0
      ? Promise.reject(new NothingMeasured('Nothing came'))
      : Promise.resolve({ a: 1 });
  const comparison = { title: '', parameters: {}, peers: [{ name: 'a', measure }], turns: 1 };
  const rounds = { rounds: 1, apart: false, counted: false };
  const result = await compare(comparison, rounds, () => undefined);
  expect(result.peers[0]?.samples).toEqual([{ a: 1 }]);
  failures = Infinity;
  await expect(compare(comparison, rounds, () => undefined)).rejects.toThrow('Nothing came');
});

test('what can be counted is counted in runs of its own, or not at all', async () => {
  const sample = { calls: 2 };
  const peers = [
    { name: 'a', measure: () => Promise.resolve({}), count: () => Promise.resolve(sample) },
    { name: 'b', measure: () => Promise.resolve({}) },
  ];
  const comparison = { title: '', parameters: {}, peers, turns: 1 };
  for (const counted of [true, false]) {
    const rounds = { rounds: 2, apart: false, counted };
    const runs: string[] = [];
    const result = await compare(comparison, rounds, ({ name }, run) =>
      runs.push(`${name} ${run}`),
    );
    expect(runs).toHaveLength(runsOf(comparison, rounds));
    expect(runs.includes('a counting')).toBe(counted);
    expect(result.peers.map(({ counts }) => counts)).toEqual([
      counted ? sample : undefined,
      undefined,
    ]);
  }
});

test('what the runs have in common ends after every round where they are apart', async () => {
  const round = ['a', 'b', 'close a', 'close b'];
  expect((await callsOf(true)).slice(0, 8)).toEqual([...round, ...round]);
});
