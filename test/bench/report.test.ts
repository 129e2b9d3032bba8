import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../bench/options';
import { prepareFolder, readReport, writeReport, type Report } from '../../bench/report';
import { temporary } from '../support/opened';

const REPORT: Report = {
  date: '2026-01-01T00:00:00.000Z',
  extent: 'normal',
  rounds: 5,
  machine: {
    ...{ processor: 'one', cores: 2, memoryGiB: 4, kernel: 'Linux', congestionControl: 'reno' },
    ...{ architecture: 'linux-x64', iomux: '1.0.0' },
    versions: { node: '26.0.0', uv: '1', v8: '1' },
  },
  answers: [
    {
      question: 'echo',
      results: [{ title: '', parameters: {}, peers: [{ name: 'a', samples: [] }] }],
    },
  ],
};

let folder: string;
beforeEach(() => {
  folder = temporary();
});

describe('results that are read', () => {
  async function readBack(value: unknown): Promise<Report> {
    const path = join(folder, 'old.json');
    writeFileSync(path, JSON.stringify(value));
    return readReport(path);
  }

  test('are those of a run', async () => {
    expect(await readBack(REPORT)).toEqual(REPORT);
  });

  test.each([
    ['null', null],
    ['no answers', { ...REPORT, answers: undefined }],
    ['no machine', { answers: [] }],
    ['no version of Node', { ...REPORT, machine: { versions: {} } }],
    ['an answer without results', { ...REPORT, answers: [{ question: 'echo' }] }],
    ['a result without peers', { ...REPORT, answers: [{ question: 'echo', results: [{}] }] }],
  ])('are refused with %s', async (_, value) => {
    await expect(readBack(value)).rejects.toThrow(UsageError);
  });
});

describe('where results go', () => {
  test('is made', async () => {
    await prepareFolder(join(folder, 'new', 'results.json'));
    expect(await writeReport(REPORT, join(folder, 'new', 'results.json'))).toEqual({
      path: join(folder, 'new', 'results.json'),
      failures: [],
    });
  });

  test('must be a file', async () => {
    mkdirSync(join(folder, 'results.json'));
    await expect(prepareFolder(join(folder, 'results.json'))).rejects.toThrow('is a folder');
    await expect(prepareFolder('')).rejects.toThrow('a file has to be named');
  });

  test('must be in a folder', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(prepareFolder(join(folder, 'file', 'results.json'))).rejects.toThrow(UsageError);
  });

  test.skipIf(process.getuid?.() === 0)('must be in a folder that may be written', async () => {
    chmodSync(folder, 0o500);
    await expect(prepareFolder(join(folder, 'results.json'))).rejects.toThrow('EACCES');
  });

  test.runIf(existsSync('/dev/full'))(
    'is the folder for temporary files where there is no room',
    async () => {
      const { path = '', failures } = await writeReport(REPORT, '/dev/full');
      expect(path).toBe(join(tmpdir(), '2026-01-01T00-00-00-node-26.0.0.json'));
      expect(failures).toEqual([expect.stringContaining('/dev/full: ENOSPC')]);
      expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(REPORT);
      rmSync(path);
    },
  );
});
