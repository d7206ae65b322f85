/** What a scenario is to reach, and whether it does. */

export interface Target {
  readonly what: string;
  readonly is: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  /** How numbers of it are written. */
  readonly unit: 'share' | 'ms' | 'number';
}

export const isMet = ({ is, atMost = Infinity, atLeast = -Infinity }: Target): boolean => is <= atMost && is >= atLeast;

export const shown = (value: number, unit: Target['unit']): string => {
  if (unit === 'share') return `${(Math.floor(value * 1e4) / 100).toFixed(2)} %`;
  if (unit === 'ms') return `${(value / 1000).toFixed(2)} s`;
  return value.toFixed(2);
};

/** One line for each target. */
export const targetLines = (targets: readonly Target[]): readonly string[] =>
  targets.map((target) => {
    const { what, is, atMost, atLeast, unit } = target;
    const bound = atMost === undefined ? `at least ${shown(atLeast ?? 0, unit)}` : `at most ${shown(atMost, unit)}`;
    return `  ${isMet(target) ? 'met   ' : 'MISSED'}  ${what.padEnd(44)} ${shown(is, unit).padStart(10)}   ${bound}`;
  });
