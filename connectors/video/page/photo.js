/** A photo taken in the call: as sharp as the camera can, the watermark in a band below it. */
const LONGEST_EDGE = 3200;

/** A photo by the camera of `track`: its full resolution where the browser gives it, else a frame of the video. */
export async function shoot(track, video) {
  try {
    return await createImageBitmap(await new ImageCapture(track).takePhoto());
  } catch {
    return createImageBitmap(video); // no ImageCapture (Safari, Firefox), or it is busy
  }
}

/** The picture as a JPEG file under the watermark's band. */
export async function fileOf(picture, watermark, name = "视频拍摄.jpg") {
  const marked = watermark.band(scaled(picture));
  const blob = await new Promise((resolve) => marked.toBlob(resolve, "image/jpeg", 0.92));
  return new File([blob], name, { type: "image/jpeg" });
}

function scaled(picture) {
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  if (scale === 1) return picture;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}
