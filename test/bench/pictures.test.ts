import { beforeAll, describe, expect, test } from 'vitest';
import { drawLines, seriesOf } from '../../bench/html/lines';
import { picture } from '../../bench/html/picture';
import { loadPlotter, type Plotter } from '../../bench/html/plotter';
import { drawRatios } from '../../bench/html/ratios';

let plotter: Plotter;
beforeAll(async () => {
  plotter = await loadPlotter();
});

/** The attributes of the elements around a text, from the outermost. */
function around(svg: string, text: string): string {
  const before = svg.slice(0, svg.indexOf(`>${text}<`));
  const open: string[] = [];
  for (const [tag, end] of before.matchAll(/<(\/?)\w+[^>]*?(?<!\/)>/g)) {
    if (end === '/') open.pop();
    else open.push(tag);
  }
  return open.join('');
}

describe('a plot of ratios', () => {
  const ROW = { title: 'the title', detail: 'the detail', outcome: '2 x', color: 'var(--ours)' };

  function draw(ratios: readonly number[], hollow = false): string {
    return drawRatios(plotter, [{ ...ROW, hollow, ratios }], 'times as fast');
  }

  test('shows what each row is about', () => {
    const svg = draw([1.5, 2, 2.5]);
    for (const text of [ROW.title, ROW.detail, ROW.outcome]) {
      expect(svg).toContain(`>${text}<`);
      expect(around(svg, text)).not.toContain('fill="none"');
    }
  });

  test('has a dot for each round, and an arrow for one that is off the axis', () => {
    expect(draw([1.5, 2, 8]).match(/<circle/g)).toHaveLength(3);
    const svg = draw([1 / 20, 2, 20]);
    expect(svg.match(/<circle/g)).toHaveLength(1);
    const turns = [...svg.matchAll(/<path [^>]*rotate\((-?90)\)[^>]*><title>([^<]*)/g)];
    expect(turns.map(([, degrees, title]) => [degrees, title])).toEqual([
      ['-90', 'the title: 0.05'],
      ['90', 'the title: 20'],
    ]);
  });

  test('has hollow dots and a dashed bar for what was disturbed', () => {
    expect(draw([2])).toMatch(/<circle [^>]*fill="var\(--ours\)"/);
    expect(draw([2])).not.toContain('stroke-dasharray');
    expect(draw([2], true)).toMatch(/<circle [^>]*fill="none"/);
    expect(draw([2], true)).toContain('stroke-dasharray');
  });
});

describe('a picture', () => {
  test('has its plots below each other, with the colours that they name', () => {
    const samples = [{ 'events/s': 10 }, { 'events/s': 12 }];
    const results = [100, 1000].map((pairs) => ({
      title: `${String(pairs)} pairs`,
      parameters: { pairs },
      peers: [{ name: 'one', samples }],
    }));
    const along = { parameter: 'pairs', label: 'socket pairs', scale: 'log' } as const;
    const [series] = seriesOf(results, along);

    const plots = drawLines(plotter, series, { metric: 'events/s', label: 'events/s' }, along);
    const svg = picture(plots);
    const tops = [...svg.matchAll(/<svg y="(\d+)"/g)].map(([, top]) => Number(top));
    expect(tops).toEqual([0, 20]);
    expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 360 280"/);
    for (const [, name] of svg.matchAll(/var\((--[\w-]+)\)/g)) {
      expect(svg).toContain(`${name}: `);
    }
    expect(svg).toContain('>one<');
    expect(svg).toContain('>socket pairs<');
  });
});
