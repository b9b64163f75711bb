/** Photos and PDFs that the resident picks: made small enough for the wire, kept until they are answered. */
const LARGEST_BYTES = 9 * 1024 * 1024;
const LONGEST_EDGE = 4000;
const PREVIEW_EDGE = 320;

/** Files by message id. They are too large for the shelf: a reload loses them, and the page says so. */
const picked = new Map();

/** Keeps a file for the message `id`, smaller if it has to be. */
export async function keepFile(id, file) {
  picked.set(id, await smaller(file));
}

/** The file of a message, or undefined after a reload. */
export function fileOf(id) {
  return picked.get(id);
}

/** A small picture of a message's photo as a data URL, to see what was sent; null where there is none to draw. */
export async function pictureOf(id) {
  try {
    return small(await createImageBitmap(fileOf(id))).toDataURL("image/jpeg", 0.7);
  } catch {
    return null; // HEIC, PDF
  }
}

/** It was answered or given up. */
export function dropFile(id) {
  picked.delete(id);
}

/** A photo over the limit is drawn smaller; what the browser can't draw (HEIC) goes as it is. */
async function smaller(file) {
  if (file.size <= LARGEST_BYTES || !file.type.startsWith("image/")) return file;
  try {
    return await drawn(await createImageBitmap(file), file.name);
  } catch {
    return file;
  }
}

function small(picture, longest = PREVIEW_EDGE) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function drawn(picture, name) {
  const canvas = small(picture, LONGEST_EDGE);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  return new File([blob], name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" });
}
