import type { AffectedCode, OcsfEvent } from '../../timeline/ocsf/types.ts';
import { applicationFinding, type FindingBase } from './finding-event.ts';
import { cutText } from './pick.ts';
import { HARD_CODED_CREDENTIALS } from './weakness-ids.ts';

const REMEDIATION = { desc: 'Revoke the secret and issue a new one; taking it out of the code is not enough.' };

/** High: few scanners say how bad a secret is, and whoever reads the code can use it. */
export const SECRET_SEVERITY = 4;

/** What the finding of a secret is called. @param type of the secret, in the scanner's words; never the secret */
export const secretTitle = (type: string | undefined): string =>
  cutText(`Secret in code: ${type ?? 'unknown type'}`, 300);

/** The finding of a secret that stands in code. */
export const secretFinding = (base: FindingBase, code: readonly AffectedCode[] | undefined): OcsfEvent =>
  applicationFinding(
    base,
    [{ title: base.finding_info.title, affected_code: code, cwe: { uid: HARD_CODED_CREDENTIALS } }],
    REMEDIATION,
  );
