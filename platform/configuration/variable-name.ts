import { z } from 'zod';

/** The name of an environment variable that holds a secret: the configuration itself never holds one. */
export const variableName = z.string().regex(/^[A-Za-z_]\w{0,127}$/, 'expected the name of an environment variable');
