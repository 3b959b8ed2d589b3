import { readText } from '../loading/rule-files.ts';
import { readDocuments, type RuleDocument } from '../loading/rule-documents.ts';
import { importRule, TYPESCRIPT_RULE_FILE } from '../typescript/typescript-rule.ts';

/** The documents of files of rules as they were written, each file read once. */
export class Documents {
  readonly #files = new Map<string, Promise<ReadonlyMap<number, RuleDocument>>>();

  /** The document that begins at a line of a file; undefined where the file has changed since its rules were loaded. */
  async at({ file, line }: { readonly file: string; readonly line: number }): Promise<RuleDocument | undefined> {
    const known = this.#files.get(file) ?? documentsOf(file);
    this.#files.set(file, known);
    return (await known).get(line);
  }
}

async function documentsOf(file: string): Promise<ReadonlyMap<number, RuleDocument>> {
  const text = await readText(file).catch(() => undefined);
  if (text === undefined) return new Map();
  if (!TYPESCRIPT_RULE_FILE.test(file)) {
    return new Map(readDocuments({ file, text }).documents.map((document) => [document.line, document]));
  }
  const imported = await importRule({ file, text });
  return 'document' in imported ? new Map([[imported.document.line, imported.document]]) : new Map();
}
