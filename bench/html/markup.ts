/** HTML that is inserted as it is. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Insertion = string | Markup | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function textOf(insertion: Insertion): string {
  if (insertion instanceof Markup) return insertion.text;
  if (typeof insertion !== 'string') return insertion.map(({ text }) => text).join('\n');
  return insertion.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}

/** A template for HTML: inserted strings are escaped, markup is not. */
export function html(literals: TemplateStringsArray, ...insertions: Insertion[]): Markup {
  const rest = insertions.map((insertion, index) => {
    return textOf(insertion) + (literals[index + 1] ?? '');
  });
  return new Markup((literals[0] ?? '') + rest.join(''));
}
