import { describe, expect, it } from 'vitest';
import {
  sampleAsset,
  sampleFacts,
  sampleFinding,
  sampleHit,
  samplePath,
  sampleWeighed,
} from '../incidents/facts-samples.ts';
import { stillKnown } from './still-known.ts';

const other = sampleWeighed({ finding: sampleFinding({ id: 'defender/other' }), rank: 50 });
const told = sampleFacts({
  assets: [sampleAsset()],
  findings: [sampleWeighed()],
  hits: [sampleHit()],
  paths: [samplePath()],
});

describe('what is still known where somebody does not answer', () => {
  it('is what was said before of that, beside what is known now', () => {
    const facts = sampleFacts({ assets: [sampleAsset()], findings: [other], missing: ['findings'] });
    expect(stillKnown(told, facts)).toEqual({ ...facts, findings: [sampleWeighed(), other], paths: [samplePath()] });
  });

  it('is nothing of what did answer', () => {
    const facts = sampleFacts({ missing: ['what its identities use'] });
    expect(stillKnown(told, facts)).toEqual({ ...facts, paths: [samplePath()] });
    expect(stillKnown(told, sampleFacts())).toEqual(sampleFacts());
    expect(stillKnown(undefined, facts)).toBe(facts);
  });

  it('is what a feed or an inventory said that is not loaded yet', () => {
    const light = sampleWeighed({ rank: 20, priority: 'track', vulnerabilities: [], missing: ['KEV catalogue'] });
    const facts = sampleFacts({ findings: [light], missing: ['KEV catalogue'] });
    expect(stillKnown(told, facts)).toEqual({ ...told, missing: ['KEV catalogue'] });
    const closed = sampleWeighed({ rank: 20, exposure: 'internal' });
    const without = sampleFacts({
      assets: [sampleAsset()],
      findings: [closed],
      missing: ['indicators of contoso-intel'],
    });
    expect(stillKnown(told, without)).toMatchObject({ findings: [closed], paths: [] });
  });
});
