// The dashboard: sign in, upload, and the batches with their live progress. The session is a cookie
// that this script cannot read; the server checks that requests come from this page.
"use strict";

const kUnfinished = ["uploading", "queued", "running", "retrying", "cancelling"];
const byId = (id) => document.getElementById(id);
const streams = new Map();  // batch id to its EventSource

function showProblem(text) {
  byId("problem").textContent = text;
}

async function call(path, options = {}) {
  const reply = await fetch(path, options);
  if (reply.ok) return reply.status === 204 ? null : reply.json();
  const problem = await reply.json().catch(() => ({}));
  if (reply.status === 401) showSignIn();
  throw new Error(problem.detail || problem.title || "The server does not answer");
}

function showSignIn() {
  byId("sign-in").hidden = false;
  document.querySelector("main").hidden = true;
  byId("sign-out").hidden = true;
  byId("who").textContent = "";
  for (const stream of streams.values()) stream.close();
  streams.clear();
}

function cell(row, name) {
  let found = row.querySelector("." + name);
  if (!found) {
    found = row.insertCell();
    found.className = name;
  }
  return found;
}

function rowOf(id) {
  let row = byId("batch-" + id);
  if (row) return row;
  row = byId("batches").insertRow(0);
  row.id = "batch-" + id;
  for (const name of ["id", "pipeline", "state", "bar", "sheets", "actions"]) cell(row, name);
  cell(row, "id").textContent = id;
  const bar = document.createElement("progress");
  bar.max = 100;
  const message = document.createElement("span");
  message.className = "message";
  cell(row, "bar").append(bar, message);
  return row;
}

function showState(row, state) {
  const shown = cell(row, "state");
  shown.textContent = state;
  shown.classList.toggle("failed", state === "failed");
  shown.classList.toggle("completed", state === "completed");
}

function showEvent(id, event) {
  const row = rowOf(id);
  row.querySelector("progress").value = event.overall_percentage;
  row.querySelector(".message").textContent = event.message;
  cell(row, "sheets").textContent = event.sheets_processed + " / " + event.sheets_total;
}

async function finish(id) {
  const status = await call("/api/batches/" + encodeURIComponent(id) + "/status");
  const row = rowOf(id);
  showEvent(id, status.progress);
  showState(row, status.state);
  const actions = cell(row, "actions");
  actions.replaceChildren();
  for (const artifact of status.artifacts) {
    const link = document.createElement("a");
    link.href = artifact.url;
    link.textContent = artifact.name;
    actions.append(link, " ");
  }
}

function follow(id) {
  if (streams.has(id)) return;
  const row = rowOf(id);
  const button = document.createElement("button");
  button.textContent = "Cancel";
  button.onclick = () => act(() => call("/api/batches/" + encodeURIComponent(id) + "/cancel", {method: "POST"}));
  cell(row, "actions").replaceChildren(button);
  const stream = new EventSource("/api/batches/" + encodeURIComponent(id) + "/stream");
  streams.set(id, stream);
  const ended = (event) => {
    if (!event.data) return;  // the connection's own error: it comes back by itself
    stream.close();
    streams.delete(id);
    act(() => finish(id));
  };
  stream.addEventListener("progress", (event) => {
    showEvent(id, JSON.parse(event.data));
    showState(row, "running");
  });
  stream.addEventListener("complete", ended);
  stream.addEventListener("error", ended);
  stream.addEventListener("auth_expired", showSignIn);
}

async function showBatches() {
  const list = await call("/api/batches?limit=50");
  for (const batch of list.items.reverse()) {
    const row = rowOf(batch.batch_id);
    cell(row, "pipeline").textContent = batch.pipeline;
    showState(row, batch.state);
    if (kUnfinished.includes(batch.state)) follow(batch.batch_id);
    else await finish(batch.batch_id);
  }
}

async function showAll() {
  const session = await call("/api/auth/session");
  byId("who").textContent = session.user + " (" + session.role + ")";
  byId("sign-out").hidden = false;
  byId("sign-in").hidden = true;
  document.querySelector("main").hidden = false;
  byId("upload").hidden = session.role === "viewer";
  const pipelines = await call("/api/pipelines");
  const choices = pipelines.items.map((pipeline) => new Option(pipeline.name));
  document.querySelector("select").replaceChildren(...choices);
  await showBatches();
}

// XMLHttpRequest, because fetch tells nothing about how much is sent.
function send(pipeline, file) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "/api/batches?pipeline=" + encodeURIComponent(pipeline) +
                         "&filename=" + encodeURIComponent(file.name));
    request.setRequestHeader("Content-Type", "application/zip");
    request.upload.onprogress = (event) => { byId("sent").value = event.loaded / event.total; };
    request.onload = () => {
      const answer = JSON.parse(request.responseText);
      request.status === 201 ? resolve(answer) : reject(new Error(answer.detail || answer.title));
    };
    request.onerror = () => reject(new Error("The upload broke off"));
    request.send(file);
  });
}

async function start(form) {
  const file = form.file.files[0];
  byId("sent").hidden = !file;
  const order = {method: "POST", headers: {"Content-Type": "application/json"},
                 body: JSON.stringify({pipeline: form.pipeline.value})};
  const batch = file ? await send(form.pipeline.value, file) : await call("/api/batches", order);
  byId("sent").hidden = true;
  cell(rowOf(batch.batch_id), "pipeline").textContent = form.pipeline.value;
  follow(batch.batch_id);
}

async function act(action) {
  showProblem("");
  try {
    await action();
  } catch (error) {
    showProblem(error.message);
  }
}

byId("sign-in").onsubmit = (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target));
  act(async () => {
    await call("/api/auth/login?cookie=1", {method: "POST", body});
    event.target.reset();
    await showAll();
  });
};
byId("upload").onsubmit = (event) => {
  event.preventDefault();
  act(() => start(event.target));
};
byId("sign-out").onclick = () => act(async () => {
  await call("/api/auth/logout", {method: "POST"});
  showSignIn();
});
showAll().catch(() => showSignIn());
