import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../configuration.ts';

const feedsOf = (feeds: string) => parseConfiguration(`feeds: ${feeds}`, '/etc/crosstrail.yaml').feeds;

describe('the configuration of feeds', () => {
  it('is that of their publishers, every six hours, where it says nothing', () => {
    expect(feedsOf('{}')).toMatchObject({
      automatic: true,
      every: 6 * 3_600_000,
      kev: { enabled: true, url: expect.stringMatching(/^https:\/\/www\.cisa\.gov\/.*\.json$/) as string },
      epss: { enabled: true, url: expect.stringMatching(/^https:.*\.csv\.gz$/) as string },
    });
  });

  it('takes a mirror of one’s own', () => {
    const url = 'https://files.contoso.example/epss.csv.gz?sv=2026';
    expect(feedsOf(`{ epss: { url: '${url}' }, kev: { enabled: false } }`)).toMatchObject({
      epss: { url, enabled: true },
      kev: { enabled: false },
    });
  });

  it.each([
    ['{ every: 5m }', 'feeds.every: expected 15m to 1d'],
    ['{ every: 2d }', 'feeds.every: expected 15m to 1d'],
    [
      "{ kev: { url: 'http://files.contoso.example/kev.json' } }",
      'feeds.kev.url: expected an address that begins with https',
    ],
    ["{ kev: { url: 'https://user:word@contoso.example/' } }", 'without user and password'],
    ['{ kevs: {} }', 'kevs'],
  ])('refuses %s', (feeds, problem) => expect(() => feedsOf(feeds)).toThrow(problem));
});
