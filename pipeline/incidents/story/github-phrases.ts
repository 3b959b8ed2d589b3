import { filled, onThings, type Phrase } from './phrase.ts';
import { quoted } from './quoted.ts';
import type { Thing } from './thing.ts';

const WHERE = '[ in {repository}]';

/** What the names of GitHub's audit actions that concern scanning have in them. The first that fits counts. */
const SCANNING: readonly (readonly [named: RegExp, what: string])[] = [
  [/push_protection/, 'push protection for secrets'],
  [/secret_scanning/, 'secret scanning'],
  [/dependabot|vulnerability_alerts/, 'alerts for vulnerable dependencies'],
];

/** Endings of the names of actions, as GitHub has them. */
const SWITCHED_OFF = /[._]disabled?$/;
const SWITCHED_ON = /[._]enabled?$/;

/** The title of findings of secret scanning, as their source writes it. */
const SECRET = /^Secret in code: /;

/** How an entry of GitHub's audit log is told, or an alert that a rule fired on. @param operation the action, or the title of the finding */
export function githubPhrase(operation: string, things: readonly Thing[]): Phrase {
  if (SECRET.test(operation))
    return {
      does: filled(`be reported for a ${quoted(operation.replace(SECRET, 'secret in code: '))}${WHERE}`, things),
      title: 'a secret in code',
    };
  if (operation === 'secret_scanning_push_protection.bypass')
    return { does: filled(`push a secret in spite of push protection${WHERE}`, things), title: 'a secret pushed' };
  const what = SCANNING.find(([named]) => named.test(operation))?.[1];
  if (what !== undefined && SWITCHED_OFF.test(operation))
    return { does: filled(`switch ${what} off${WHERE}`, things), title: `${what} switched off` };
  if (what !== undefined && SWITCHED_ON.test(operation)) return { does: filled(`switch ${what} on${WHERE}`, things) };
  return { does: `do ${quoted(operation)}${onThings(things)}` };
}
