// The form that starts a batch: a pipeline of the server, its params, and the file if it takes one.
import {call} from "./api.js";
import {act, bar, bytes, element, setBar} from "./dom.js";
import {submit} from "./upload.js";

// The server's patterns are PCRE. If JavaScript cannot parse one, only the server checks it. The attribute `pattern` uses a
// newer grammar, in which "[a-z_-]" is an error.
function errorOf(param, value) {
  if (!param.pattern || value === "") return "";
  try {
    return new RegExp(param.pattern, "u").test(value) ? "" : "The value must match " + param.pattern;
  } catch {
    return "";
  }
}

function paramField(param) {
  const common = {name: "param." + param.name, required: param.required && param.default === null};
  let field;
  if (param.choices) {
    field = element("select", common, ...param.choices.map((choice) => new Option(choice, choice, choice === param.default)));
  } else if (param.type === "boolean") {
    field = element("select", common, ...["true", "false"].map((choice) => new Option(choice, choice, choice === param.default)));
  } else {
    field = element("input", {...common, placeholder: param.default ?? "", input: () => field.setCustomValidity(errorOf(param, field.value))});
  }
  return element("label", {title: param.help}, param.help ? `${param.name}: ${param.help}` : param.name, field);
}

// Calls onStarted(id) when the whole file is uploaded.
export async function uploadForm(onStarted) {
  const pipelines = (await call("/api/pipelines")).items;
  const choice = element("select", {name: "pipeline", change: showPipeline}, ...pipelines.map((one) => new Option(one.name)));
  const about = element("p", {class: "quiet"});
  const params = element("div", {class: "row"});
  const file = element("input", {name: "file", type: "file", accept: ".zip,application/zip"});
  const drop = element("label", {class: "drop wide", dragover: (event) => { event.preventDefault(); drop.classList.add("over"); },
    dragleave: () => drop.classList.remove("over"), drop: takeDropped}, "Archive of scanned sheets (ZIP): choose a file or drop it here", file);
  const start = element("button", {class: "main"}, "Start batch");
  const sent = bar(0, "Upload");
  const how = element("span", {class: "quiet"});
  const giveUp = element("button", {type: "button", class: "risky"}, "Cancel upload");
  const way = element("div", {class: "row", hidden: true}, element("div", {class: "wide"}, sent, how), giveUp);
  const form = element("form", {class: "card", submit: (event) => { event.preventDefault(); act(send, start); }},
    element("h2", {}, "New batch"), element("div", {class: "row"}, element("label", {}, "Pipeline", choice), params), about,
    element("div", {class: "row"}, drop, start), way);

  const chosen = () => pipelines.find((one) => one.name === choice.value);

  function showPipeline() {
    const pipeline = chosen();
    about.textContent = pipeline ? pipeline.description : "The server has no pipelines.";
    params.replaceChildren(...(pipeline?.params ?? []).map(paramField));
    drop.hidden = !pipeline?.upload;
    file.required = Boolean(pipeline?.upload);
    start.disabled = !pipeline;
  }

  function takeDropped(event) {
    event.preventDefault();
    drop.classList.remove("over");
    if (event.dataTransfer.files.length === 1) file.files = event.dataTransfer.files;
  }

  async function send() {
    const values = {};
    for (const param of chosen().params) {
      const value = form.elements["param." + param.name].value;
      if (value !== "") values[param.name] = value;
    }
    const archive = chosen().upload ? file.files[0] : null;
    const begun = performance.now();
    const gaveUp = new AbortController();
    giveUp.onclick = () => gaveUp.abort();
    way.hidden = !archive;
    const onSent = (count) => {
      const seconds = (performance.now() - begun) / 1000;
      setBar(sent, 100 * count / archive.size);
      how.textContent = `${bytes(count)} of ${bytes(archive.size)}` + (seconds > 1 ? `, ${bytes(count / seconds)}/s` : "");
    };
    try {
      onStarted(await submit({pipeline: choice.value, params: values, file: archive, onSent, signal: gaveUp.signal}));
    } finally {
      way.hidden = true;
    }
  }

  showPipeline();
  return form;
}
