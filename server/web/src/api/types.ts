// The types of the API, from its client.
import type {components} from "@sheafline/client";

export type * from "@sheafline/client";
export {isUnfinished, kUnfinished} from "@sheafline/client";

// With all fields of all kinds of decisions.
export type NewDecision = components["schemas"]["NewDecision"];
