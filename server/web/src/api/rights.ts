// What the signed-in person may do. The server decides; the dashboard leaves out what it would reject.
import type {Batch, Session} from "./types.js";

export const mayCreate = (session: Session): boolean => session.role === "operator" || session.role === "admin";

// About answers and sheets, also of a batch that is shared with the person.
export const mayDecide = (session: Session): boolean => session.role !== "viewer";

// Cancel, retry, rename, share and remove it.
export const mayChange = (session: Session, batch: Batch): boolean =>
  session.role === "admin" || (session.role === "operator" && batch.user === session.user);

export const kScopes = {
  viewer: ["read"], reviewer: ["read", "decide"], operator: ["read", "create", "decide"], admin: ["read", "create", "decide", "admin"],
} as const;
