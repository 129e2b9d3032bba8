import { peerOf, valuesOf } from '../harness';
import type { Plot, Result } from '../question';
import { median } from '../statistics';
import { formatNumber } from '../table';
import { axisLabel, formatShort, type Plotter } from './plotter';
import { lineColor } from './style';

const HEIGHT = 260;
const LEGEND_ROW = 20;
/** Lines differ in their symbols as well as in their colours. */
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'wye'] as const;
type SymbolName = (typeof SYMBOLS)[number];

type Along = NonNullable<Plot['along']>;

/** The comparisons that differ in nothing but the parameter of the x axis, in its order. */
export interface Series {
  /** What they have in common, for the title. */
  readonly common: string;
  readonly results: readonly Result[];
}

/** Puts the comparisons together that belong into one plot along a parameter. */
export function seriesOf(results: readonly Result[], { parameter }: Along): Series[] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    const { [parameter]: position, ...others } = result.parameters;
    if (position === undefined) continue;
    const common = Object.entries(others)
      .map(([name, value]) => `${name} ${formatNumber(value)}`)
      .join(', ');
    groups.set(common, [...(groups.get(common) ?? []), result]);
  }
  const positionOf = (result: Result): number => result.parameters[parameter] ?? NaN;
  return [...groups].map(([common, members]) => ({
    common,
    results: members.sort((a, b) => positionOf(a) - positionOf(b)),
  }));
}

interface Look {
  readonly name: string;
  readonly color: string;
  readonly symbol: SymbolName;
}

function looksOf(results: readonly Result[]): Look[] {
  const names = results.flatMap(({ peers }) => peers.map(({ name }) => name));
  return [...new Set(names)].map((name, index) => ({
    name,
    color: lineColor(index),
    symbol: SYMBOLS[index % SYMBOLS.length] ?? 'circle',
  }));
}

/** The legend. It is above the plot, since a phone has no room beside it. */
function drawLegend({ marks, svg }: Plotter, looks: readonly Look[]): string {
  const y = 'name';
  return svg({
    height: looks.length * LEGEND_ROW,
    margin: 0,
    marginLeft: 10,
    y: { type: 'band', domain: looks.map(({ name }) => name), padding: 0, axis: null },
    marks: [
      marks.dot(looks, { y, frameAnchor: 'left', symbol: 'symbol', fill: 'color', r: 4 }),
      marks.text(looks, { y, frameAnchor: 'left', text: 'name', dx: 12 }),
    ],
  });
}

/** One series: a legend, and for each peer a line through its medians, and the range of its rounds. */
export function drawLines(
  plotter: Plotter,
  series: Series,
  plot: Plot,
  along: Along,
): [legend: string, lines: string] {
  const { marks, svg } = plotter;
  const { results } = series;
  const looks = looksOf(results);
  const points = looks.flatMap((look) =>
    results.flatMap((result) => {
      const peer = peerOf(result, look.name);
      if (!peer) return [];
      const values = valuesOf(peer, plot.metric);
      const x = result.parameters[along.parameter] ?? NaN;
      return { ...look, x, y: median(values), y1: Math.min(...values), y2: Math.max(...values) };
    }),
  );
  const positions = [...new Set(points.map(({ x }) => x))];
  const scale = plot.scale ?? 'linear';
  const lines = svg({
    height: HEIGHT,
    marginTop: 26,
    marginLeft: 44,
    marginRight: 16,
    marginBottom: 38,
    ariaLabel: `${plot.label} along ${along.label}, ${series.common}`,
    x: { type: along.scale },
    y: { type: scale, zero: scale === 'linear', nice: true, grid: true },
    marks: [
      // Not with tickFormat, which leaves out labels on logarithmic axes.
      marks.axisX({ ticks: positions, text: formatShort, ...axisLabel(along.label) }),
      marks.axisY({ ticks: 5, tickFormat: formatShort, label: plot.label, labelArrow: 'none' }),
      marks.ruleX(points, { x: 'x', y1: 'y1', y2: 'y2', stroke: 'color', strokeOpacity: 0.5 }),
      marks.lineY(points, { x: 'x', y: 'y', z: 'name', stroke: 'color', strokeWidth: 2 }),
      marks.dot(points, {
        x: 'x',
        y: 'y',
        symbol: 'symbol',
        fill: 'color',
        r: 3.5,
        title: ({ name, x, y }: (typeof points)[number]) =>
          `${name}, ${formatNumber(x)}: ${y.toLocaleString('en')}`,
      }),
    ],
  });
  return [drawLegend(plotter, looks), lines];
}
