// Taking work away: pictures as files, and one card with all three.

const CARD = { side: 512, gap: 24, top: 24, bottom: 64 };

export function download(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** A canvas and what draws on it.
 * @returns {[HTMLCanvasElement, CanvasRenderingContext2D]} */
export function canvasOf(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return [canvas, canvas.getContext("2d")];
}

/** A canvas as a PNG file of the given name. */
function downloadCanvas(canvas, name) {
  canvas.toBlob((blob) => {
    const url = URL.createObjectURL(blob);
    download(url, name);
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }, "image/png");
}

/** Saves a picture of any format that browsers show as PNG. */
export async function savePicture(url, name) {
  const image = await decode(url);
  const [canvas, context] = canvasOf(image.naturalWidth, image.naturalHeight);
  context.drawImage(image, 0, 0);
  downloadCanvas(canvas, name);
}

/** Input and both pictures side by side with their names, for showing around. `parts`: [url, caption, crisp]. */
export async function saveCard(parts, footer, name) {
  const { side, gap, top, bottom } = CARD;
  const [canvas, context] = canvasOf(gap + parts.length * (side + gap), top + side + bottom);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#14171f";
  for (const [number, [url, caption, crisp]] of parts.entries()) {
    const left = gap + number * (side + gap);
    context.imageSmoothingEnabled = !crisp;
    context.imageSmoothingQuality = "high";
    context.drawImage(await decode(url), left, top, side, side);
    context.strokeStyle = "#d9dce3";
    context.strokeRect(left - 0.5, top - 0.5, side + 1, side + 1);
    context.font = "600 20px 'IBM Plex Sans', sans-serif";
    context.fillText(caption, left, top + side + 36);
  }
  context.font = "15px 'IBM Plex Sans', sans-serif";
  context.fillStyle = "#5b6270";
  context.textAlign = "right";
  context.fillText(footer, canvas.width - gap, top + side + 36);
  downloadCanvas(canvas, name);
}

/** A picture that is ready to be drawn. */
export async function decode(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}
