import { readYaml, YamlError, type YamlDocument } from '../../../platform/yaml.ts';
import { RuleError, type DocumentPath } from './rule-error.ts';
import type { RejectedRule } from '../rule.ts';

/** A file of YAML, as text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
  /** Whether its rules take the place of those of the same id in files that do not say so. */
  readonly replaces?: boolean | undefined;
}

/** One YAML document of a file, as plain data. */
export interface RuleDocument {
  readonly file: string;
  /** The line at which the document's content begins, from 1. */
  readonly line: number;
  readonly value: unknown;
  /** The line at which the node at a path stands, or the nearest node above it. */
  readonly lineOf: (path: DocumentPath) => number;
}

/** The most that a file of rules may hold, bytes. */
export const MAX_FILE_BYTES = 1_048_576;

/** Reads the YAML documents of a file. What cannot be read is given as rejected, each document by itself; empty documents are left out. */
export function readDocuments({ file, text }: SourceFile): { documents: RuleDocument[]; rejected: RejectedRule[] } {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return { documents: [], rejected: [{ file, reason: `the file is larger than ${MAX_FILE_BYTES} bytes; split it` }] };
  }
  const documents: RuleDocument[] = [];
  const rejected: RejectedRule[] = [];
  const refused = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    rejected.push({
      file,
      line: error instanceof YamlError ? error.line : undefined,
      reason: `not readable as YAML: ${message}`,
    });
  };
  try {
    for (const document of readYaml(text)) {
      try {
        const value = document.value();
        if (value !== null) documents.push(ruleDocument(file, document, value));
      } catch (error) {
        refused(error);
      }
    }
  } catch (error) {
    refused(error);
  }
  if (documents.length === 0 && rejected.length === 0) rejected.push({ file, reason: 'the file is empty' });
  return { documents, rejected };
}

function ruleDocument(file: string, document: YamlDocument, value: unknown): RuleDocument {
  const { line } = document;
  return { file, line, value, lineOf: (path) => document.lineOf(path) ?? line };
}

/** What an error makes of a document: errors of the rule name the line, others are passed on. */
export function rejection(document: RuleDocument, error: unknown): RejectedRule {
  if (!(error instanceof RuleError)) throw error;
  return { file: document.file, line: document.lineOf(error.path), reason: error.message };
}
