import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../platform/configuration.ts';
import { DEFAULT_LATENESS, latenessOf, Watermark } from './watermark.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 20, 12);
const LATENESS = { ...DEFAULT_LATENESS, cloudtrail: 20 * MINUTE, entra: 10 * MINUTE };

const LATEST = Math.max(...Object.values(LATENESS));

/** A watermark at noon, when all four sources have been heard for long enough. */
function live(): Watermark {
  const watermark = new Watermark(LATENESS);
  for (let at = NOON - 2 * LATEST; at <= NOON; at += MINUTE) {
    for (const source of ['cloudtrail', 'azure-activity', 'entra', 'aks-audit'] as const)
      watermark.observe(source, at, at);
    watermark.at(at);
  }
  return watermark;
}

describe('Watermark', () => {
  it('expects everything at first', () => {
    const watermark = new Watermark(LATENESS);
    expect(watermark.at(NOON)).toBe(-Infinity);
    watermark.observe('entra', NOON, NOON);
    expect(watermark.at(NOON)).toBe(-Infinity);
  });

  it('is the time of the slowest source less its lateness', () => {
    const watermark = live();
    expect(watermark.at(NOON)).toBe(NOON - 20 * MINUTE);
    for (const source of ['cloudtrail', 'azure-activity'] as const) {
      watermark.observe(source, NOON + 10 * MINUTE, NOON + 10 * MINUTE);
    }
    expect(watermark.at(NOON + 10 * MINUTE)).toBe(NOON - 10 * MINUTE);
  });

  it('gives the partitions of a source time, of which one may be read before the others', () => {
    const watermark = new Watermark(LATENESS);
    watermark.at(NOON);
    for (const source of ['cloudtrail', 'azure-activity', 'entra', 'aks-audit'] as const)
      watermark.observe(source, NOON, NOON);
    expect(watermark.at(NOON + MINUTE)).toBe(-Infinity);
  });

  it('waits for a source that is hours behind as long as it speaks', () => {
    const watermark = new Watermark(LATENESS);
    for (let minute = 0; minute <= 60; minute++) {
      const now = NOON + minute * MINUTE;
      for (const source of ['azure-activity', 'entra', 'aks-audit'] as const) watermark.observe(source, now, now);
      watermark.observe('cloudtrail', now - 6 * 60 * MINUTE, now);
      watermark.at(now);
    }
    expect(watermark.at(NOON + 60 * MINUTE)).toBe(NOON - 5 * 60 * MINUTE - 20 * MINUTE);
  });

  it('goes on without a source that is silent, once what it might still send would be too late', () => {
    const watermark = live();
    for (let minute = 1; minute <= 60; minute++) {
      const now = NOON + minute * MINUTE;
      for (const source of ['azure-activity', 'entra', 'aks-audit'] as const) watermark.observe(source, now, now);
      watermark.at(now);
    }
    expect(watermark.at(NOON + 60 * MINUTE)).toBe(NOON + 40 * MINUTE);
  });

  it('does not take logs of another year for late when they are played again, source by source', () => {
    const watermark = new Watermark(LATENESS);
    const old = NOON - 365 * 86_400_000;
    watermark.observe('cloudtrail', old, NOON);
    watermark.observe('entra', old - 5 * 3_600_000, NOON);
    expect(watermark.at(NOON)).toBe(-Infinity);
    watermark.at(NOON + 15 * MINUTE);
    expect(watermark.at(NOON + 40 * MINUTE)).toBe(old);
  });

  it('is not moved by a time of the future', () => {
    const watermark = live();
    watermark.observe('entra', NOON + 365 * 86_400_000, NOON);
    expect(watermark.at(NOON)).toBe(NOON - 20 * MINUTE);
  });
});

describe('latenessOf', () => {
  it('puts what is configured in the place of defaults, and knows the sources', () => {
    expect(latenessOf({ entra: 1 })).toEqual({ ...DEFAULT_LATENESS, entra: 1 });
    expect(() => latenessOf({ entr: 1 })).toThrow(ConfigurationError);
    expect(() => latenessOf({ __proto__: 1, constructor: 1 })).toThrow("no source 'constructor'");
  });
});
