// The field of one param of a pipeline, made from its type.
import type {Param} from "../../api/types.js";
import {t} from "../../text/text.js";

// The server's patterns are PCRE. If JavaScript cannot parse one, only the server checks it.
export function fits(pattern: string | undefined, value: string): boolean {
  if (!pattern || value === "") return true;
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

// "^[A-Za-z0-9_-]{1,40}$" in words: a class of characters and how many of them. Other patterns are shown as they are.
export function patternInWords(pattern: string): string {
  const parts = /^\^?\[([^\]^]+)\](?:\{(\d+)(?:,(\d*))?\}|([+*]))\$?$/.exec(pattern);
  if (!parts) return t("param.pattern", {pattern});
  let set = (parts[1] ?? "").replace(/\\/g, "");
  const words: string[] = [];
  for (const [range, text] of [["A-Z", t("param.capitals")], ["a-z", t("param.small")], ["0-9", t("param.digits")], ["d", t("param.digits")]] as const) {
    if (range === "d" && !(parts[1] ?? "").includes("\\d")) continue;
    if (!set.includes(range)) continue;
    set = set.replace(range, "");
    words.push(text);
  }
  words.push(...[...set].map((one) => one === " " ? t("param.space") : `'${one}'`));
  const [least, most] = [parts[2], parts[3] === undefined ? parts[2] : parts[3]];
  const count = least === undefined ? "" : most === "" ? t("param.least", {least}) : least === most ? t("param.exactly", {least}) : t("param.range", {least, most: most ?? ""});
  return t("param.set", {set: words.join(", ")}) + (count === "" ? "" : ", " + count);
}

export function hintOf(param: Param): string {
  const range = param.min !== undefined && param.max !== undefined ? t("param.between", {min: param.min, max: param.max})
    : param.min !== undefined ? t("param.min", {min: param.min}) : param.max !== undefined ? t("param.max", {max: param.max}) : "";
  const kind = param.type === "size" ? t("param.size") : param.type === "duration" ? t("param.duration") : param.type === "percent" ? t("param.percent") : "";
  return [kind, range, param.pattern ? patternInWords(param.pattern) : ""].filter((text) => text !== "").join("; ");
}

export function ParamField({param}: {readonly param: Param}) {
  const name = "param." + param.name;
  const required = param.required && param.default === null;
  const choices = param.choices ?? (param.type === "boolean" ? ["true", "false"] : null);
  const hint = hintOf(param);
  const label = param.name.replace(/_/g, " ");
  const whole = param.type === "integer";
  return <label>{label}{required ? <span aria-hidden="true"> *</span> : null}
    {param.type === "file" ? <input type="file" name={name} required={required} /> : choices ? <select name={name} required={required} defaultValue={param.default ?? ""}>
      {choices.map((choice) => <option key={choice} value={choice} selected={choice === param.default}>{choice}</option>)}</select>
      : <input name={name} required={required} placeholder={param.default ?? ""} inputMode={whole || param.type === "number" ? "decimal" : undefined}
        onInput={(event) => {
          const {value} = event.currentTarget;
          const bad = !fits(param.pattern, value) || (whole && !/^-?\d*$/.test(value));
          event.currentTarget.setCustomValidity(bad ? hint || t("param.whole") : "");
        }} />}
    {param.help || hint ? <span class="quiet">{[param.help, hint].filter((text) => text !== "").join(". ")}</span> : null}
  </label>;
}
