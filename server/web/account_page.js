// The user's own account: password, open sessions, and tokens for programs.
import {call, post} from "./api.js";
import {act, confirmed, element, tell, when} from "./dom.js";

const field = (label, attributes) => element("label", {}, label, element("input", {required: true, ...attributes}));

// onChanged() once the server has the new password.
export function passwordForm(why, onChanged) {
  const form = element("form", {class: "card password", submit: (event) => {
    event.preventDefault();
    act(async () => {
      if (form.elements.new.value !== form.elements.again.value) throw new Error("The two new passwords differ; type them again");
      await post("/api/auth/password", {old: form.elements.old.value, new: form.elements.new.value});
      form.reset();
      tell("The password is changed");
      await onChanged();
    }, form.querySelector("button"));
  }},
    element("h2", {}, "Change the password"), why ? element("p", {}, why) : null,
    field("Present password", {name: "old", type: "password", autocomplete: "current-password"}),
    field("New password, at least 10 characters", {name: "new", type: "password", autocomplete: "new-password", minlength: 10}),
    field("New password again", {name: "again", type: "password", autocomplete: "new-password", minlength: 10}),
    element("button", {class: "main"}, "Change the password"));
  return form;
}

// For a password that another person chose: nothing else is shown before it is changed.
export function showFirstPassword(main, onChanged) {
  document.title = "Change the password – Sheafline";
  const form = passwordForm("Another person or program chose this password. Choose one that only you know.", onChanged);
  main.replaceChildren(form);
  form.elements.old.focus();
}

function table(names, rows) {
  return element("div", {class: "scroll"}, element("table", {}, element("thead", {}, element("tr", {}, ...names.map((name) => element("th", {}, name)))),
    element("tbody", {}, ...rows)));
}

const cells = (...values) => values.map((value) => element("td", {}, value));

function removal(label, question, path, reload) {
  return element("button", {type: "button", class: "risky", click: (event) => act(async () => {
    if (!await confirmed(question, label)) return;
    await call(path, {method: "DELETE"});
    await reload();
  }, event.currentTarget)}, label);
}

async function sessionCard(reload) {
  const sessions = (await call("/api/auth/sessions")).items;
  return element("section", {class: "card sessions"}, element("h2", {}, "Open sessions"), table(["Address", "Signed in", "Last renewed", "Ends", ""],
    sessions.map((session) => element("tr", {}, ...cells(session.address, when(session.opened_at), when(session.refreshed_at), when(session.expires_at),
      session.current ? "this session" : removal("End", "End this session? Its device must sign in again.",
        "/api/auth/sessions/" + encodeURIComponent(session.id), reload))))));
}

function tokenForm(session, onMade) {
  const rights = {viewer: ["read"], reviewer: ["read", "decide"], operator: ["read", "create", "decide"], admin: ["read", "create", "decide", "admin"]}[session.role];
  const form = element("form", {class: "row", submit: (event) => {
    event.preventDefault();
    act(async () => {
      const days = form.elements.days.value;
      const made = await post("/api/tokens", {
        name: form.elements.name.value, scopes: rights.filter((scope) => form.elements["scope." + scope].checked),
        ...(days === "" ? {} : {expires_days: Number(days)}),
      });
      await onMade(made.token);
    }, form.querySelector("button"));
  }},
    field("Name", {name: "name", maxlength: 100, placeholder: "what it is for"}),
    element("label", {}, "Days until it expires", element("input", {name: "days", type: "number", min: 1, max: 3650, value: 90})),
    ...rights.map((scope) => element("label", {}, scope, element("input", {name: "scope." + scope, type: "checkbox", checked: scope === "read"}))),
    element("button", {}, "Add a token"));
  return form;
}

async function tokenCard(session, shown, reload) {
  const tokens = (await call("/api/tokens")).items;
  return element("section", {class: "card tokens"}, element("h2", {}, "Tokens for programs"),
    shown ? element("p", {class: "new-token", role: "status"}, "Copy this token now; it is not shown again: ", element("code", {}, shown)) : null,
    table(["Name", "Scopes", "Expires", "Last used", ""], tokens.map((token) => element("tr", {}, ...cells(token.name, token.scopes.join(", "),
      token.expires_at ? when(token.expires_at) : "never", token.last_used_at ? when(token.last_used_at) : "never",
      removal("Remove", `Remove the token "${token.name}"? Programs that use it are rejected at once.`,
        "/api/tokens/" + encodeURIComponent(token.id), reload))))),
    tokenForm(session, (token) => reload(token)));
}

export async function showAccount(main, session) {
  document.title = "Account – Sheafline";
  async function reload(shown = "") {
    const cards = await Promise.all([sessionCard(() => reload()), tokenCard(session, shown, reload)]);
    main.replaceChildren(element("a", {href: "#/"}, "← All batches"), element("h1", {}, session.user), ...cards, passwordForm("", () => reload()));
  }
  await reload();
}
