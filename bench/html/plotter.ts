import { createDocument } from '@mixmark-io/domino';
import type * as PlotModule from '@observablehq/plot' with { 'resolution-mode': 'import' };

/** The width of a plot: a phone shows it without scaling, which would shrink the text. */
export const WIDTH = 360;

/** Draws with Observable Plot. */
export interface Plotter {
  readonly marks: typeof PlotModule;
  /** The plot as an element of HTML. */
  readonly svg: (options: PlotModule.PlotOptions) => string;
}

/** Loads the library, which is an ES module and draws into a document. */
export async function loadPlotter(): Promise<Plotter> {
  const marks = await import('@observablehq/plot');
  const document: object = createDocument();
  return {
    marks,
    svg: (options) => {
      const all = { width: WIDTH, style: { fontSize: '12px' }, ...options, document };
      return (marks.plot(all) as { outerHTML: string }).outerHTML;
    },
  };
}

/** A number for axes and bars: three digits are as much as a plot can show. */
export function formatShort(value: number): string {
  return value.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: 3 });
}

/** The label below an x axis. */
export function axisLabel(label: string): {
  label: string;
  labelAnchor: 'center';
  labelArrow: 'none';
} {
  return { label, labelAnchor: 'center', labelArrow: 'none' };
}
