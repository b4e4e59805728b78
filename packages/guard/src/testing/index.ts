// What authors of rules and stores test with.

export {
  conformanceTime,
  type DecisionConformanceOptions,
  decisionStoreConformance,
} from "./decision-store-conformance.ts";
export { createRandom } from "./random.ts";
export { createScenario, type Scenario, type Step } from "./scenario.ts";
export { type ConformanceOptions, windowStoreConformance } from "./window-store-conformance.ts";
