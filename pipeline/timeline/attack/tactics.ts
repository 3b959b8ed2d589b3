/** The version of ATT&CK Enterprise that rules are kept in. */
export const ATTACK_VERSION = '19';

/** A tactic of ATT&CK Enterprise. */
export interface Tactic {
  readonly id: string;
  /** As tags and Navigator layers name it: `attack.initial-access`. */
  readonly shortName: string;
  readonly name: string;
}

/**
 * The tactics of ATT&CK Enterprise v19, in the order of its matrix. v19 split Defense Evasion into Stealth, which kept the id, and
 * Defense Impairment (https://attack.mitre.org/resources/updates/updates-april-2026/).
 */
export const TACTICS = [
  { id: 'TA0043', shortName: 'reconnaissance', name: 'Reconnaissance' },
  { id: 'TA0042', shortName: 'resource-development', name: 'Resource Development' },
  { id: 'TA0001', shortName: 'initial-access', name: 'Initial Access' },
  { id: 'TA0002', shortName: 'execution', name: 'Execution' },
  { id: 'TA0003', shortName: 'persistence', name: 'Persistence' },
  { id: 'TA0004', shortName: 'privilege-escalation', name: 'Privilege Escalation' },
  { id: 'TA0005', shortName: 'stealth', name: 'Stealth' },
  { id: 'TA0112', shortName: 'defense-impairment', name: 'Defense Impairment' },
  { id: 'TA0006', shortName: 'credential-access', name: 'Credential Access' },
  { id: 'TA0007', shortName: 'discovery', name: 'Discovery' },
  { id: 'TA0008', shortName: 'lateral-movement', name: 'Lateral Movement' },
  { id: 'TA0009', shortName: 'collection', name: 'Collection' },
  { id: 'TA0011', shortName: 'command-and-control', name: 'Command and Control' },
  { id: 'TA0010', shortName: 'exfiltration', name: 'Exfiltration' },
  { id: 'TA0040', shortName: 'impact', name: 'Impact' },
] as const satisfies readonly Tactic[];

/** The short name of a tactic of v19. */
export type TacticName = (typeof TACTICS)[number]['shortName'];
