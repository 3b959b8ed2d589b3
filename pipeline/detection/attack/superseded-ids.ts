/**
 * Ids that ATT&CK Enterprise has revoked, and the id of v19 that took their place: the `revoked-by` relations of the STIX data of
 * v19.2, checked against the list of new techniques in the release notes of v19. All of v18 that v19 revoked, then what earlier
 * versions had revoked and old rules still name.
 */
export const SUPERSEDED_IDS: ReadonlyMap<string, string> = new Map([
  ['T1562', 'T1685'],
  ['T1562.001', 'T1685'],
  ['T1562.002', 'T1685.001'],
  ['T1562.003', 'T1690'],
  ['T1562.004', 'T1686'],
  ['T1562.006', 'T1685'],
  ['T1562.007', 'T1686.001'],
  ['T1562.008', 'T1685.002'],
  ['T1562.009', 'T1688'],
  ['T1562.010', 'T1689'],
  ['T1562.011', 'T1685.003'],
  ['T1562.012', 'T1685.004'],
  ['T1562.013', 'T1686.002'],
  ['T1070.001', 'T1685.005'],
  ['T1070.002', 'T1685.006'],
  ['T1656', 'T1684.001'],
  ['T1672', 'T1684.002'],
  ['T1574.002', 'T1574.001'],
  ['T1547.011', 'T1647'],
]);
