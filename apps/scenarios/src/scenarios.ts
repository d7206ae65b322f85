/** Every scenario, by name. */
import type { Scenario } from './scenario.js';
import { headline } from './scenarios/headline.js';

export const scenarios: readonly Scenario[] = [headline];
