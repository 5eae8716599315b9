// Loads the pictures of the next answers, so that they are shown at once.
const kKept = 60;
const images = new Map<string, HTMLImageElement>();

export function preload(urls: readonly string[]): void {
  for (const url of urls) {
    const known = images.get(url);
    images.delete(url);
    const image = known ?? new Image();
    if (!known) image.src = url;
    images.set(url, image);
  }
  for (const url of [...images.keys()].slice(0, Math.max(0, images.size - kKept))) images.delete(url);
}
