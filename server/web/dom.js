// Creates elements with plain functions; text is always text and never markup.

// element("a", {href: "#/", class: "id"}, "text", other_element)
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const stateBadge = (state) => element("span", {class: "state " + state}, state);

export function bar(percent, label, large = false) {
  const made = element("progress", {max: 100, "aria-label": label, class: large ? "large" : null});
  setBar(made, percent);
  return made;
}

// Without a value the bar is animated: there is progress, but it is unknown how much.
export function setBar(made, percent) {
  if (percent === null) made.removeAttribute("value");
  else if (made.value !== percent || !made.hasAttribute("value")) made.value = percent;
}

export function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return whole + " s";
  if (whole < 3600) return Math.floor(whole / 60) + " min " + whole % 60 + " s";
  return Math.floor(whole / 3600) + " h " + Math.floor(whole / 60) % 60 + " min";
}

export function bytes(size) {
  if (size < 1024) return size + " B";
  const units = ["KB", "MB", "GB", "TB"];
  let unit = -1;
  for (; size >= 1024 && unit < units.length - 1; ++unit) size /= 1024;
  return size.toFixed(size < 10 ? 1 : 0) + " " + units[unit];
}

export const when = (utc) => utc ? new Date(utc).toLocaleString() : "";

// Announces a text to screen readers.
export function tell(text) {
  document.getElementById("news").textContent = text;
}

export function showError(text) {
  const place = document.getElementById("error");
  place.textContent = text.trim();
  place.hidden = place.textContent === "";
}

// Runs an action of the user. Shows its error, and disables the button while it runs.
export async function act(action, button = null) {
  showError("");
  if (button) button.disabled = true;
  try {
    return await action();
  } catch (error) {
    showError(error.message);
    return undefined;
  } finally {
    if (button) button.disabled = false;
  }
}

// Asks a question; both buttons name what they do. Enter alone chooses `no`.
export function confirmed(question, yes, no) {
  return new Promise((resolve) => {
    const dialog = element("dialog", {close: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); }},
      element("form", {method: "dialog"}, element("p", {}, question),
        element("div", {class: "row"}, element("button", {value: "yes", class: "risky"}, yes),
          element("button", {value: "no", autofocus: true}, no))));
    document.body.append(dialog);
    dialog.showModal();
  });
}
