// The dashboard: the signed-in user and the current page. #/ is the list of batches, #/batches/ID one of them,
// #/batches/ID/sheets/N one of its sheets, #/account the own account. A page is a function that fills `main` and returns a function that ends it.
import {call, onSignedOut} from "./api.js";
import {showAccount, showFirstPassword} from "./account_page.js";
import {showBatch} from "./batch_page.js";
import {showBatches} from "./batch_list.js";
import {act, element, showError} from "./dom.js";
import {showSheet} from "./sheet_page.js";

const kRefreshMs = 30 * 60_000;

const main = document.querySelector("main");
const signOut = document.getElementById("sign-out");
let session = null;
let leave = () => {};

function pageOf(hash) {
  const parts = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (session.must_change_password) return () => showFirstPassword(main, begin);
  if (parts[0] === "account") return () => showAccount(main, session);
  if (parts[0] === "batches" && parts[2] === "sheets") return () => showSheet(main, session, parts[1], Number(parts[3]));
  if (parts[0] === "batches" && parts[1]) return () => showBatch(main, session, parts[1]);
  return () => showBatches(main, session);
}

async function showPage() {
  leave();
  leave = () => {};
  showError("");
  const place = location.hash;
  const end = await act(pageOf(place));
  if (place !== location.hash) return end?.();  // the user has moved to another page
  leave = end || (() => {});
}

async function begin() {
  session = await call("/api/auth/session");
  document.getElementById("who").textContent = `${session.user} (${session.role})`;
  signOut.hidden = false;
  await showPage();
}

function showSignIn() {
  if (document.querySelector(".sign-in")) return false;
  leave();
  leave = () => {};
  session = null;
  signOut.hidden = true;
  document.getElementById("who").textContent = "";
  document.title = "Sign in – Sheafline";
  const form = element("form", {class: "card sign-in", submit: (event) => {
    event.preventDefault();
    act(async () => {
      await call("/api/auth/login?cookie=1", {method: "POST", body: new URLSearchParams(new FormData(form))});
      form.remove();
      await begin();
    }, form.querySelector("button"));
  }},
    element("h1", {}, "Sign in"),
    element("label", {}, "User", element("input", {name: "username", autocomplete: "username", required: true, autofocus: true})),
    element("label", {}, "Password",
      element("input", {name: "password", type: "password", autocomplete: "current-password", required: true})),
    element("button", {class: "main"}, "Sign in"));
  main.replaceChildren(form);
  form.username.focus();
  return true;
}

onSignedOut(showSignIn);
window.addEventListener("hashchange", () => {
  if (!session) return;
  main.focus();
  showPage();
});
signOut.addEventListener("click", () => act(async () => {
  await call("/api/auth/logout", {method: "POST"});
  showSignIn();
}, signOut));
setInterval(() => {
  if (session && !document.hidden) call("/api/auth/refresh", {method: "POST"}).catch(() => {});
}, kRefreshMs);
begin().catch((error) => {
  showSignIn();
  if (error.status !== 401) showError(error.message);
});
