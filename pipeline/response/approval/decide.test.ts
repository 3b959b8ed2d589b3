import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Approver, Response } from '../response.ts';
import { decide, hasLapsed, openRequest, type ApprovalRules, type GivenAnswer } from './decide.ts';
import {
  ANN,
  ann,
  approver,
  ben,
  EVE,
  NOW,
  sampleRequest,
  sampleResponse,
  sampleStep,
  TENANT,
} from './response-samples.ts';

const RULES: ApprovalRules = { approvers: [ann.id, ben.id, `entra:${TENANT}/${EVE}`], groups: ['soc'], quorum: 1 };
const TWO: ApprovalRules = { ...RULES, quorum: 2 };
const { planHash } = sampleRequest;

const yes = (by: Approver = ann, more: Partial<GivenAnswer> = {}): GivenAnswer => ({
  ...{ planHash, number: 1, by, answer: 'approve', reason: undefined },
  ...more,
});
const no = (by: Approver = ann, reason: string | undefined = 'it is our scanner'): GivenAnswer => ({
  ...yes(by),
  answer: 'decline',
  reason,
});

describe('an answer', () => {
  it('decides where one is enough', () => {
    const { outcome, decision, approval, why } = decide(sampleResponse(), yes(), RULES, NOW);
    expect({ outcome, decision, why }).toEqual({ outcome: 'decided', decision: 'approved', why: 'You approved.' });
    expect(approval?.answers).toEqual([{ by: ann, answer: 'approve', reason: undefined, at: NOW }]);
  });

  it('counts until there are enough different people', () => {
    const first = decide(sampleResponse(), yes(), TWO, NOW);
    expect(first).toMatchObject({ outcome: 'counted', why: 'You approved; one more person must approve too.' });
    expect(first.decision).toBeUndefined();
    const asked = sampleResponse({ approval: first.approval });
    expect(decide(asked, yes(), TWO, NOW)).toMatchObject({ outcome: 'again', approval: first.approval });
    const fromSlack = { ...ann, id: 'slack:T0/U0', aliases: ['x', ann.name.toUpperCase()] };
    const rules = { ...TWO, approvers: [...TWO.approvers, fromSlack.id] };
    expect(decide(asked, yes(fromSlack), rules, NOW).outcome).toBe('again');
    expect(decide(asked, yes(ben), TWO, NOW)).toMatchObject({ outcome: 'decided', decision: 'approved' });
  });

  it('needs as many as the stricter of request and rules', () => {
    const asked = sampleResponse({ approval: { ...sampleRequest, quorum: 2 } });
    expect(decide(asked, yes(), RULES, NOW).outcome).toBe('counted');
    expect(decide(sampleResponse(), yes(), TWO, NOW).approval?.quorum).toBe(2);
    expect(
      decide(sampleResponse({ approval: { ...sampleRequest, quorum: 0 } }), yes(), { ...RULES, quorum: 0 }, NOW)
        .decision,
    ).toBe('approved');
  });

  it('that declines decides, with a reason, also of one who approved before', () => {
    const declined = decide(sampleResponse(), no(), TWO, NOW);
    expect(declined).toMatchObject({ outcome: 'decided', decision: 'declined' });
    expect(declined.approval?.answers).toMatchObject([{ reason: 'it is our scanner' }]);
    const asked = sampleResponse({ approval: decide(sampleResponse(), yes(), TWO, NOW).approval });
    const changed = decide(asked, no(), TWO, NOW);
    expect(changed).toMatchObject({ decision: 'declined', approval: { answers: [{ answer: 'decline' }] } });
    expect(decide(sampleResponse(), no(ann, ' \n '), TWO, NOW)).toMatchObject({
      outcome: 'not-allowed',
      why: 'Say why you decline.',
    });
  });

  it('keeps reasons short, and without what moves a cursor', () => {
    const { approval } = decide(sampleResponse(), no(ann, `\u001b[2J${'x'.repeat(9000)}`), RULES, NOW);
    expect(approval?.answers[0]?.reason).toBe(`?[2J${'x'.repeat(496)}`);
  });

  it.each<[string, Response, GivenAnswer, string, string]>([
    [
      'a stranger',
      sampleResponse(),
      yes(approver('00000000-0000-4000-8000-0000000000ff', 'mal@contoso.example')),
      'not-allowed',
      'none of those who may approve',
    ],
    ['whoever asked', sampleResponse({ requester: ann.id }), yes(), 'not-allowed', 'You asked for this yourself'],
    [
      'whom it is about, by key',
      sampleResponse(),
      yes(approver(EVE, 'eve2@contoso.example')),
      'not-allowed',
      'about an identity of yours',
    ],
    [
      'whom it is about, by name',
      sampleResponse({ principals: ['UPN:Ann@Contoso.example'] }),
      yes(),
      'not-allowed',
      'about an identity of yours',
    ],
    [
      'whom it is about, who declines',
      sampleResponse({ principals: [ANN] }),
      no(),
      'not-allowed',
      'about an identity of yours',
    ],
    ['another plan', sampleResponse(), yes(ann, { planHash: 'f'.repeat(64) }), 'changed', 'The plan changed'],
    [
      'an earlier request',
      sampleResponse({ approval: { ...sampleRequest, number: 2 } }),
      yes(),
      'changed',
      'The plan changed',
    ],
    ['nobody who asks', sampleResponse({ approval: undefined }), yes(), 'closed', 'Nobody is asked'],
    ['only planned', sampleResponse({ mode: 'observe' }), yes(), 'closed', 'decided already'],
    [
      'what runs',
      sampleResponse({ steps: [{ ...sampleStep, state: 'executing' }] }),
      yes(),
      'closed',
      'decided already',
    ],
    [
      'what lapsed before',
      sampleResponse({ state: 'declined', steps: [{ ...sampleStep, state: 'dropped' }] }),
      yes(),
      'closed',
      'nobody approved it in time',
    ],
    [
      'what somebody declined',
      sampleResponse({ approval: decide(sampleResponse(), no(ben), RULES, NOW).approval }),
      yes(),
      'closed',
      'declined by ben@contoso.example',
    ],
  ])('to or of %s does not count', (_name, response, answer, outcome, why) => {
    const verdict = decide(response, answer, RULES, NOW);
    expect(verdict).toMatchObject({ outcome, why: expect.stringContaining(why) as string });
    expect(verdict.approval).toBe(response.approval);
    expect(verdict.decision).toBeUndefined();
  });

  it('of one who asked may still be a no', () => {
    expect(decide(sampleResponse({ requester: ann.id }), no(), RULES, NOW).decision).toBe('declined');
  });

  it('of a member of a group counts', () => {
    const kim = approver('00000000-0000-4000-8000-0000000000cc', 'kim@contoso.example');
    expect(decide(sampleResponse(), yes({ ...kim }), RULES, NOW).outcome).toBe('not-allowed');
    const answer = { ...yes(kim), by: { ...kim, groups: ['other', 'soc'] } };
    expect(decide(sampleResponse(), answer, RULES, NOW)).toMatchObject({
      decision: 'approved',
      approval: { answers: [{ by: kim }] },
    });
  });

  it('that comes late finds it declined', () => {
    const late = decide(sampleResponse(), yes(), RULES, sampleRequest.expires);
    expect(late).toMatchObject({ outcome: 'expired', decision: 'declined', approval: sampleRequest });
    expect(hasLapsed(sampleResponse(), RULES, sampleRequest.expires)).toBe(true);
    expect(hasLapsed(sampleResponse(), RULES, sampleRequest.expires - 1)).toBe(false);
    expect(hasLapsed(sampleResponse({ approval: undefined }), RULES, sampleRequest.expires)).toBe(false);
  });
});

const PEOPLE = [
  ann,
  ben,
  approver('00000000-0000-4000-8000-00000000000c', 'kim@contoso.example'),
  approver(EVE, 'eve@contoso.example'),
];
const LISTED: ApprovalRules = { approvers: [ann.id, ben.id, PEOPLE[3]?.id ?? ''], groups: ['soc'], quorum: 1 };

const anyEvent = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      who: fc.nat(3),
      answer: fc.constantFrom('approve' as const, 'approve' as const, 'decline' as const),
      reason: fc.constantFrom(undefined, 'no', ' '),
      groups: fc.constantFrom<string[]>([], ['soc'], ['other']),
      stale: fc.constantFrom(0, 0, 0, 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replan' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), span: fc.nat(2_000_000) }) },
);

it('no sequence of answers approves without a quorum of different people who may, nor after a no, an expiry or another plan', () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 25 }),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(3),
      (events, quorum, asker) => {
        const rules = { ...LISTED, quorum };
        const requester = PEOPLE[asker]?.id ?? '';
        let response = sampleResponse({ requester });
        let now = NOW;
        let hash = planHash;
        let over: string | undefined;
        // Whose yes to the request as it stands was heard, told apart from what `decide` keeps.
        let heard = new Set<string>();
        for (const event of events) {
          if (event.kind === 'wait') now += event.span;
          else if (event.kind === 'replan' && over === undefined) {
            hash = hash.replace(/^./, (first) => (first === 'a' ? 'b' : 'a'));
            const number = (response.approval?.number ?? 0) + 1;
            response = {
              ...response,
              approval: { ...sampleRequest, planHash: hash, number, expires: now + 3_600_000 },
            };
            heard = new Set();
          } else if (event.kind === 'answer') {
            const by = { ...(PEOPLE[event.who] ?? ann), groups: event.groups };
            const number = (response.approval?.number ?? 0) - event.stale;
            const given = { planHash: hash, number, by, answer: event.answer, reason: event.reason };
            const lapsed = now >= (response.approval?.expires ?? 0);
            const verdict = decide(response, given, rules, now);
            const allowed = (rules.approvers.includes(by.id) || event.groups.includes('soc')) && event.who !== 3;
            const fits = allowed && event.stale === 0 && !lapsed && over === undefined;
            if (fits && event.answer === 'approve' && by.id !== requester) heard.add(by.id);
            const declines = fits && event.answer === 'decline' && event.reason === 'no';
            if (verdict.decision === 'approved') {
              expect(over).toBeUndefined();
              expect(fits && !declines).toBe(true);
              expect(heard.size).toBeGreaterThanOrEqual(quorum);
            }
            if (over === undefined && fits) {
              expect(verdict.decision).toBe(declines ? 'declined' : heard.size >= quorum ? 'approved' : undefined);
            }
            if (!allowed) expect(verdict.outcome).toBe('not-allowed');
            if (!['counted', 'decided'].includes(verdict.outcome)) expect(verdict.approval).toBe(response.approval);
            over ??= verdict.decision;
            response = {
              ...response,
              approval: verdict.approval,
              ...(verdict.decision === undefined
                ? {}
                : {
                    state: verdict.decision === 'approved' ? 'running' : 'declined',
                    steps: [{ ...sampleStep, state: verdict.decision === 'approved' ? 'ready' : 'dropped' }],
                  }),
            };
            if (over !== undefined) expect(openRequest(response, rules)).toBeUndefined();
          }
        }
      },
    ),
    { numRuns: 1500 },
  );
});
