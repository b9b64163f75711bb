/** Name, number and time over whatever is seen: in the page, in a recording, under a photo. */
const FONT = '"PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif';

export class Watermark {
  #text;
  #ahead;

  /** `text`: name and number; `now`: the server's time as it was told. */
  constructor(text, now) {
    this.#text = text;
    this.#ahead = new Date(now) - Date.now();
  }

  /** The line as it is now, by the server's clock in China's time. */
  get line() {
    const time = new Date(Date.now() + this.#ahead).toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" });
    return `${this.#text} ${time}`;
  }

  /** Draws it aslant all over a picture. */
  draw(context, width, height) {
    const size = Math.max(13, Math.round(width / 45));
    context.save();
    context.font = `${size}px ${FONT}`;
    context.fillStyle = "rgb(255 255 255 / 0.4)";
    context.strokeStyle = "rgb(0 0 0 / 0.35)";
    context.lineWidth = 2;
    context.rotate(-Math.PI / 9);
    const wide = context.measureText(this.line).width + size * 4;
    for (let y = 0, row = 0; y < height * 1.5; y += size * 8, row++)
      for (let x = -height - (row % 2) * (wide / 2); x < width * 1.2; x += wide) this.#write(context, x, y);
    context.restore();
  }

  /** A band with the line below a picture: it covers nothing of a paper. The line keeps away from the band's edge, as
      what touches the picture's edge is taken for a paper that is cut off (connectors/ocr/quality.py). */
  band(picture) {
    const height = Math.max(60, Math.round(picture.width / 16));
    const canvas = document.createElement("canvas");
    canvas.width = picture.width;
    canvas.height = picture.height + height;
    const context = canvas.getContext("2d");
    context.drawImage(picture, 0, 0);
    context.fillStyle = "#444";
    context.fillRect(0, picture.height, canvas.width, height);
    context.fillStyle = "#fff";
    context.font = `${Math.round(height * 0.36)}px ${FONT}`;
    context.textBaseline = "middle";
    context.fillText(this.line, height / 2, picture.height + height / 2, canvas.width - height);
    return canvas;
  }

  #write(context, x, y) {
    context.strokeText(this.line, x, y);
    context.fillText(this.line, x, y);
  }
}

/** Keeps a canvas over a video covered with the watermark; a function that ends it. */
export function cover(canvas, watermark) {
  const draw = () => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    watermark.draw(context, width, height);
  };
  draw();
  const timer = setInterval(draw, 1000);
  return () => clearInterval(timer);
}
