// The contract that server, dashboard and command line share.

export {
  adminBase,
  eventQuery,
  explainQuery,
  type NewDecision,
  newAdmin,
  newDecision,
  newToken,
} from "./contract.ts";
