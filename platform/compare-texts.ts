/** Orders texts by UTF-16 code unit: the same on every machine, whatever its language. For `sort`. */
export const compareTexts = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
