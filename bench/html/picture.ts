import { COLORS } from './style';

/** The style sheet of Plot, which is for plots in a page and not for plots in another SVG. */
const PAGE_STYLE = /<style>[^]*?<\/style>/g;

/** Stacks plots into one SVG file, which follows the light or dark theme of its reader. */
export function picture(plots: readonly string[]): string {
  let [width, height] = [0, 0];
  const placed = plots.map((plot) => {
    const y = height;
    width = Math.max(width, sizeOf(plot, 'width'));
    height += sizeOf(plot, 'height');
    return plot.replace(PAGE_STYLE, '').replace('<svg ', `<svg y="${String(y)}" `);
  });
  const size = `${String(width)} ${String(height)}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" width="${String(width)}" height="${String(height)}">
<style>${COLORS} svg { color: var(--ink); background: var(--paper); --plot-background: var(--paper); }</style>
${placed.join('\n')}
</svg>
`;
}

function sizeOf(svg: string, name: 'width' | 'height'): number {
  return Number(new RegExp(` ${name}="(\\d+)"`).exec(svg)?.[1]);
}
