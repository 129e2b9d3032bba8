import { valuesOf } from '../harness';
import type { Plot, Result } from '../question';
import { median } from '../statistics';
import { axisLabel, formatShort, type Plotter } from './plotter';
import { colorOf } from './style';

const ROW = 38;
/** The upper part of a row, where the name and the number stand. */
const NAME = 17;
const MARGIN = { top: 4, bottom: 38, left: 6, right: 14 };

/** One comparison: for each peer a bar to its median, and a dot for each round. */
export function drawBars(plotter: Plotter, result: Result, plot: Plot): string {
  const { marks, svg } = plotter;
  const rows = result.peers.map((peer) => {
    const values = valuesOf(peer, plot.metric);
    return { name: peer.name, color: colorOf(peer.name), values, median: median(values) };
  });
  const rounds = rows.flatMap(({ values, ...row }) =>
    values.map((value, round) => ({ ...row, value, round: round + 1 })),
  );
  const inRow = { y: 'name', insetTop: NAME, insetBottom: 5 } as const;
  const below = { y: 'name', dy: (NAME - 5) / 2 } as const;
  const above = { y: 'name', dy: NAME / 2 - ROW / 2 } as const;
  return svg({
    height: MARGIN.top + rows.length * ROW + MARGIN.bottom,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    ariaLabel: `${plot.label}, ${result.title}`,
    x: { zero: true, nice: true },
    y: { type: 'band', domain: rows.map(({ name }) => name), padding: 0, axis: null },
    marks: [
      marks.axisX({ ticks: 4, tickFormat: formatShort, ...axisLabel(plot.label) }),
      marks.barX(rows, { ...inRow, x: 'median', fill: 'color', fillOpacity: 0.25 }),
      marks.tickX(rows, { ...inRow, x: 'median', stroke: 'color', strokeWidth: 2 }),
      marks.dot(rounds, {
        ...below,
        x: 'value',
        r: 2.5,
        fill: 'color',
        fillOpacity: 0.8,
        title: ({ name, round, value }: (typeof rounds)[number]) =>
          `${name}, round ${String(round)}: ${value.toLocaleString('en')}`,
      }),
      marks.ruleX([0]),
      marks.text(rows, { ...above, text: 'name', frameAnchor: 'left', dx: 2 }),
      marks.text(rows, {
        ...above,
        text: ({ median: middle }: (typeof rows)[number]) => formatShort(middle),
        frameAnchor: 'right',
        fontWeight: 'bold',
      }),
    ],
  });
}
