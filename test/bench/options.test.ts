import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { versionsOf } from '../../bench/machine';
import { parseOptions, UsageError, type Options } from '../../bench/options';
import type { Question } from '../../bench/question';

const QUESTIONS = ['echo', 'startup'].map((name): Question => ({
  ...{ name, asks: '', columns: [] },
  comparisons: () => [],
  targets: () => [],
}));

function parse(...args: string[]): Options {
  return parseOptions(args, QUESTIONS);
}

function questionsOf(...args: string[]): string[] {
  return parse(...args).questions.map(({ name }) => name);
}

describe('the Node that is measured', () => {
  test('is this one', () => {
    expect(parse().node).toBe(process.execPath);
  });

  test('is a file that can be run', () => {
    expect(() => parse('--node', tmpdir())).toThrow('is not a program');
    expect(() => parse('--node', '/no/node')).toThrow('is not a program');
  });

  test('says what is inside', async () => {
    await expect(versionsOf(process.execPath, AbortSignal.any([]))).resolves.toMatchObject({
      node: process.versions.node,
    });
    await expect(versionsOf('/bin/true', AbortSignal.any([]))).rejects.toThrow(UsageError);
  });
});

describe('the number of rounds', () => {
  test('is one that is greater than 0', () => {
    expect(parse('--rounds', '10').rounds).toBe(10);
    for (const text of ['0', '1.5', 'many', '']) {
      expect(() => parse('--rounds', text)).toThrow(UsageError);
    }
  });
});

describe('a question', () => {
  test('is asked once', () => {
    expect(questionsOf('--only', 'startup', '--only', 'startup')).toEqual(['startup']);
    expect(questionsOf()).toEqual(['echo', 'startup']);
    expect(() => parse('--only', 'start')).toThrow("There is no question 'start'");
  });
});

describe('what is only drawn', () => {
  test.each([
    ['--quick'],
    ['--full'],
    ['--rounds', '5'],
    ['--node', process.execPath],
    ['--peers', 'all'],
    ['--json', 'new.json'],
  ])('does not go with %s', (...option) => {
    expect(() => parse('--plot', 'old.json', ...option)).toThrow(
      `--plot measures nothing: it does not go with ${option[0]}`,
    );
  });

  test('may be of some questions, beside those of another run', () => {
    const options = parse('--plot', 'new.json', '--compare', 'old.json', '--only', 'echo');
    expect(options).toMatchObject({ plot: 'new.json', compare: 'old.json' });
  });
});
