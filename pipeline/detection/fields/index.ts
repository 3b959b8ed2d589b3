import type { SourceFields } from './source-fields.ts';

/** All log sources whose fields are known or have other names in rules: one line each. */
export const SOURCE_FIELDS: readonly SourceFields[] = [];
