// Light, dark, or as the system is. The choice is kept in this browser.
export type Theme = "system" | "light" | "dark";

const kName = "sheafline-theme";

export function theme(): Theme {
  const kept = localStorage.getItem(kName);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(next: Theme): void {
  localStorage.setItem(kName, next);
  showTheme();
}

export function showTheme(): void {
  const now = theme();
  if (now === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = now;
}
