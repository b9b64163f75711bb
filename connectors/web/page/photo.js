/** Photos and PDFs that the resident picks: made small enough for the wire, kept until they are answered. */
const LARGEST_BYTES = 9 * 1024 * 1024;
const LONGEST_EDGE = 4000;

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

async function drawn(picture, name) {
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  return new File([blob], name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" });
}
