import { median } from '../statistics';
import { axisLabel, formatShort, type Plotter, WIDTH } from './plotter';

const ROW = 56;
/** The upper part of a row, with two lines of text. */
const TEXT = 36;
const MARGIN = { top: 4, bottom: 38, left: 8, right: 14 };
/** Rounds beyond this factor are drawn as arrows at the edge. */
const EDGE = 8;
/** Text that is too long for its row ends in an ellipsis. */
const FITTING = {
  frameAnchor: 'left',
  textOverflow: 'ellipsis',
  fill: 'currentColor',
  stroke: 'var(--paper)',
} as const;
/** The em, in pixels, in which `lineWidth` is given; larger than the font, since bold letters are wider. */
const LETTER = 15;
const TICKS = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];

/** Ratios that should be as great as possible, one for each round. */
export interface RatioRow {
  readonly title: string;
  readonly detail: string;
  /** The result in words, on the right. */
  readonly outcome: string;
  readonly color: string;
  /** Whether it was disturbed: its bar and dots are outlines then. */
  readonly hollow: boolean;
  readonly ratios: readonly number[];
}

/** The dot of a round; `title` is its tooltip. */
interface Round {
  readonly title: string;
  readonly value: number;
  readonly y: number;
  readonly color: string;
  readonly fill: string;
}

function formatFactor(value: number): string {
  return value < 1 ? `1/${formatShort(1 / value)}` : formatShort(value);
}

/** Rows of ratios around a line at 1, on a logarithmic axis: twice and half are equally far from it. */
export function drawRatios(
  plotter: Plotter,
  rows: readonly RatioRow[],
  label: string,
  width = WIDTH,
): string {
  const { marks, svg } = plotter;
  const placed = rows.map((row, index) => ({
    ...row,
    y: index,
    ratio: median(row.ratios),
    fill: row.hollow ? 'none' : row.color,
  }));
  const rounds: Round[] = placed.flatMap(({ ratios, ...row }) =>
    ratios.map((value) => ({ ...row, value })),
  );
  const reach = rounds.map(({ value }) => Math.max(value, 1 / value));
  const edge = Math.min(EDGE, 1.15 * Math.max(2, ...reach));
  const isWithin = ({ value }: Round): boolean => value <= edge && value >= 1 / edge;
  const inRow = { y: 'y', insetTop: TEXT, insetBottom: 8 } as const;
  const line = (number: number) =>
    ({ y: 'y', dy: number * 16 - ROW / 2 - 5, lineWidth: width / LETTER, ...FITTING }) as const;
  const inTrack = { y: 'y', dy: (TEXT - 8) / 2 } as const;
  const beside = (side: 'left' | 'right') =>
    ({ ...inTrack, text: 'outcome', fill: 'color', frameAnchor: side }) as const;
  const round = {
    ...inTrack,
    ...{ x: 'value', r: 2.5, fill: 'fill', fillOpacity: 0.8, stroke: 'color', strokeWidth: 1 },
    title: ({ title, value }: Round) => `${title}: ${value.toLocaleString('en')}`,
  } as const;
  return svg({
    width,
    height: MARGIN.top + rows.length * ROW + MARGIN.bottom,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    ariaLabel: label,
    x: {
      type: 'log',
      domain: [1 / edge, edge],
      clamp: true,
    },
    y: { type: 'band', domain: placed.map(({ y }) => y), padding: 0, axis: null },
    marks: [
      marks.axisX({
        ticks: TICKS.filter((tick) => tick <= edge && tick >= 1 / edge),
        tickFormat: formatFactor,
        ...axisLabel(label),
      }),
      marks.ruleX([1], { strokeOpacity: 0.6 }),
      marks.barX(placed, { ...inRow, x1: 1, x2: 'ratio', fill: 'fill', fillOpacity: 0.25 }),
      marks.barX(
        placed.filter(({ hollow }) => hollow),
        { ...inRow, x1: 1, x2: 'ratio', fill: 'none', stroke: 'color', strokeDasharray: '3 2' },
      ),
      marks.tickX(placed, { ...inRow, x: 'ratio', stroke: 'color', strokeWidth: 2 }),
      marks.dot(rounds.filter(isWithin), round),
      marks.dot(
        rounds.filter((one) => !isWithin(one)),
        {
          ...round,
          r: 3.5,
          symbol: 'triangle',
          rotate: ({ value }: Round) => (value > 1 ? 90 : -90),
        },
      ),
      marks.text(placed, { ...line(1), text: 'title', fontWeight: 'bold' }),
      marks.text(placed, { ...line(2), text: 'detail', fillOpacity: 0.7 }),
      // On the side of the line where there is no bar.
      marks.text(
        placed.filter(({ ratio }) => ratio >= 1),
        beside('left'),
      ),
      marks.text(
        placed.filter(({ ratio }) => ratio < 1),
        beside('right'),
      ),
    ],
  });
}
