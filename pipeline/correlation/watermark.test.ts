import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../platform/configuration.ts';
import { DEFAULT_LATENESS, latenessOf, Watermark } from './watermark.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 10, 20, 12);
const LATENESS = { ...DEFAULT_LATENESS, cloudtrail: 20 * MINUTE, entra: 10 * MINUTE };

describe('Watermark', () => {
  it('is the time of the slowest source less its lateness', () => {
    const watermark = new Watermark(LATENESS);
    expect(watermark.at(NOON)).toBe(-Infinity);
    watermark.observe('entra', NOON, NOON);
    watermark.observe('cloudtrail', NOON - 5 * MINUTE, NOON);
    watermark.observe('cloudtrail', NOON - 30 * MINUTE, NOON);
    expect(watermark.at(NOON)).toBe(NOON - 25 * MINUTE);
    expect(watermark.isLate('cloudtrail', NOON - 25 * MINUTE)).toBe(false);
    expect(watermark.isLate('cloudtrail', NOON - 25 * MINUTE - 1)).toBe(true);
    expect(watermark.isLate('aks-audit', 0)).toBe(false);
  });

  it('goes on without a source that is silent, once what it might still send would be too late', () => {
    const watermark = new Watermark(LATENESS);
    watermark.observe('cloudtrail', NOON, NOON);
    watermark.observe('entra', NOON + MINUTE, NOON + MINUTE);
    for (let minute = 1; minute <= 60; minute++) {
      watermark.observe('entra', NOON + minute * MINUTE, NOON + minute * MINUTE);
      watermark.at(NOON + minute * MINUTE);
    }
    expect(watermark.at(NOON + 60 * MINUTE)).toBe(NOON + 40 * MINUTE);
  });

  it('does not take logs of another year for late when they are played again', () => {
    const watermark = new Watermark(LATENESS);
    const old = NOON - 365 * 86_400_000;
    watermark.observe('cloudtrail', old, NOON);
    watermark.observe('entra', old - 5 * MINUTE, NOON);
    expect(watermark.at(NOON)).toBe(old - 20 * MINUTE);
    expect(watermark.at(NOON + 30 * MINUTE)).toBe(old);
  });

  it('is not moved by a time of the future', () => {
    const watermark = new Watermark(LATENESS);
    watermark.observe('entra', NOON, NOON);
    watermark.observe('entra', NOON + 365 * 86_400_000, NOON);
    expect(watermark.latest).toBe(NOON);
    expect(watermark.at(NOON)).toBe(NOON - 10 * MINUTE);
  });
});

describe('latenessOf', () => {
  it('puts what is configured in the place of defaults, and knows the sources', () => {
    expect(latenessOf({ entra: 1 })).toEqual({ ...DEFAULT_LATENESS, entra: 1 });
    expect(() => latenessOf({ entr: 1 })).toThrow(ConfigurationError);
    expect(() => latenessOf({ __proto__: 1, constructor: 1 })).toThrow("no source 'constructor'");
  });
});
