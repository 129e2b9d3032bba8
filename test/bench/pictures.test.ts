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
  test('shows what each row is about', () => {
    const row = { title: 'the title', detail: 'the detail', outcome: '2 x', color: 'var(--ours)' };
    const svg = drawRatios(plotter, [{ ...row, ratios: [1.5, 2, 2.5] }], 'times as fast');
    for (const text of [row.title, row.detail, row.outcome]) {
      expect(svg).toContain(`>${text}<`);
      expect(around(svg, text)).not.toContain('fill="none"');
    }
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
